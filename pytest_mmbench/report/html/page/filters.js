// Filters: every count says how many cards would be left if it were chosen beside the others.

function filters(form, cards, draw) {
  const within = form.elements.within;
  const outputs = [...form.querySelectorAll("output")];
  for (const choice of DATA.choices) within.append(make("option", { value: choice.path }));

  function selection() {
    const kinds = [...form.elements.kind].filter((each) => each.checked).map((each) => Number(each.value));
    const choice = DATA.choices.find((each) => each.path === within.value);
    return {
      kinds: new Set(kinds),
      leaves: choice ? new Set(choice.leaves) : null,
      find: form.elements.find.value.trim().toLowerCase(),
    };
  }

  function apply() {
    const wanted = selection();
    const kinds = new Array(outputs.length).fill(0);
    const leaves = new Array(DATA.leaves.length).fill(0);
    const matching = [];
    for (const each of cards) {
      const kind = wanted.kinds.size === 0 || wanted.kinds.has(each.kind);
      const leaf = wanted.leaves === null || wanted.leaves.has(each.leaf);
      if (wanted.find !== "" && !haystack(each).includes(wanted.find)) continue;
      if (leaf) kinds[each.kind] += 1;
      if (kind) leaves[each.leaf] += 1;
      if (kind && leaf) matching.push(each);
    }
    count(kinds, leaves);
    draw(matching);
  }

  function count(kinds, leaves) {
    outputs.forEach((output, at) => {
      output.value = kinds[at].toLocaleString("en");
    });
    DATA.choices.forEach((choice, at) => {
      const left = choice.leaves.reduce((sum, leaf) => sum + leaves[leaf], 0);
      within.options[at + 1].textContent = `${"\u00a0\u00a0\u00a0".repeat(choice.depth)}${choice.name} (${left})`;
    });
  }

  function remember() {
    const words = new URLSearchParams();
    const wanted = selection();
    for (const kind of wanted.kinds) words.append("kind", DATA.kinds[kind]);
    if (within.value) words.set("in", within.value);
    if (wanted.find) words.set("find", wanted.find);
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
  data.all ??= [data.id, DATA.leaves[data.leaf], data.question, ...data.options, data.baseline.text ?? "", data.candidate.text ?? ""].join("\n").toLowerCase();
  return data.all;
}
