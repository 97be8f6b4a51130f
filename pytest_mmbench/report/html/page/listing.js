// Cards by the page: however many there are, two dozen are drawn, or one where there is less room.

const PAGE = matchMedia("(max-width: 48rem)").matches ? 12 : 24;

function listing(root, noun) {
  const state = { cards: [], at: 0 };
  const status = make("p", { role: "status" });
  const list = make("ul", { class: "cards" });
  const none = make("p", { class: "none", hidden: "" }, "Nothing fits these filters.");
  const above = turner(turn);
  const below = turner(turn);
  root.append(make("div", { class: "turn" }, status, ...above), none, list, make("div", { class: "turn below" }, ...below));

  function turn(step) {
    state.at += step * PAGE;
    draw();
    root.parentElement.querySelector("h2").scrollIntoView();
  }

  function draw() {
    const last = Math.min(state.at + PAGE, state.cards.length);
    list.replaceChildren(...state.cards.slice(state.at, last).map(card));
    none.hidden = state.cards.length > 0;
    const part = state.cards.length > PAGE ? `, ${state.at + 1} to ${last} shown` : "";
    status.textContent = counted(state.cards.length, noun) + part;
    for (const [back, on] of [above, below]) {
      back.hidden = on.hidden = state.cards.length <= PAGE;
      back.disabled = state.at === 0;
      on.disabled = last === state.cards.length;
    }
  }

  return (cards) => {
    state.cards = cards;
    state.at = 0;
    draw();
  };
}

function turner(turn) {
  const back = make("button", { type: "button", class: "quiet" }, "Previous");
  const on = make("button", { type: "button", class: "quiet" }, "Next");
  back.addEventListener("click", () => turn(-1));
  on.addEventListener("click", () => turn(1));
  return [back, on];
}
