// Filters: every count says how many cards would be left if it were chosen beside the others.

function filters(form, cards, draw) {
  const within = form.elements.within;
  const outputs = [...form.querySelectorAll("output")];
  for (const choice of DATA.choices) within.append(make("option", { value: choice.path }));

  function chosen() {
    const kinds = [...form.elements.kind].filter((each) => each.checked).map((each) => Number(each.value));
    const choice = DATA.choices.find((each) => each.path === within.value);
    return {
      kinds: new Set(kinds),
      leaves: choice ? new Set(choice.leaves) : null,
      find: form.elements.find.value.trim().toLowerCase(),
    };
  }

  function apply() {
    const asked = chosen();
    const kinds = new Array(outputs.length).fill(0);
    const leaves = new Array(DATA.leaves.length).fill(0);
    const found = [];
    for (const each of cards) {
      const kind = asked.kinds.size === 0 || asked.kinds.has(each.kind);
      const leaf = asked.leaves === null || asked.leaves.has(each.leaf);
      if (asked.find !== "" && !haystack(each).includes(asked.find)) continue;
      if (leaf) kinds[each.kind] += 1;
      if (kind) leaves[each.leaf] += 1;
      if (kind && leaf) found.push(each);
    }
    tell(kinds, leaves);
    draw(found);
  }

  function tell(kinds, leaves) {
    outputs.forEach((output, at) => {
      output.value = kinds[at].toLocaleString("en");
    });
    DATA.choices.forEach((choice, at) => {
      const count = choice.leaves.reduce((sum, leaf) => sum + leaves[leaf], 0);
      within.options[at + 1].textContent = `${"\u00a0\u00a0\u00a0".repeat(choice.depth)}${choice.name} (${count})`;
    });
  }

  function remember() {
    const words = new URLSearchParams();
    const asked = chosen();
    for (const kind of asked.kinds) words.append("kind", DATA.kinds[kind]);
    if (within.value) words.set("in", within.value);
    if (asked.find) words.set("find", asked.find);
    try {
      history.replaceState(null, "", words.size > 0 ? `#answers?${words}` : "#answers");
    } catch {
      // Some browsers keep the address of a file as it is.
    }
  }

  function recall() {
    if (!location.hash.startsWith("#answers?")) return apply();
    const words = new URLSearchParams(location.hash.slice("#answers?".length));
    const kinds = words.getAll("kind").map((each) => String(DATA.kinds.indexOf(each)));
    for (const box of form.elements.kind) box.checked = kinds.includes(box.value);
    within.value = DATA.choices.some((each) => each.path === words.get("in")) ? words.get("in") : "";
    form.elements.find.value = words.get("find") ?? "";
    apply();
    document.getElementById("answers-title").scrollIntoView();
    document.getElementById("answers-title").focus({ preventScroll: true });
  }

  form.addEventListener("input", () => { apply(); remember(); });
  form.addEventListener("reset", () => setTimeout(() => { apply(); remember(); }));
  form.addEventListener("submit", (event) => event.preventDefault());
  addEventListener("hashchange", () => {
    if (location.hash.startsWith("#answers?")) recall();
  });
  form.hidden = false;
  recall();
}

function haystack(data) {
  data.all ??= [data.id, DATA.leaves[data.leaf], data.question, ...data.options, data.old.text ?? "", data.new.text ?? ""].join("\n").toLowerCase();
  return data.all;
}
