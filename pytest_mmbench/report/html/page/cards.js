// One card is one answer: closed, what changed; open, all options with their probabilities.

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

function card(data) {
  const head = make("div", {}, tag(data), make("p", { class: "question", dir: "auto" }, data.question));
  head.append(data.baseline ? answers(data) : rules(data));
  const frame = make("div", { class: "picture" }, pictureOf(data, "small"));
  const details = make("details", { class: "card" }, make("summary", {}, frame, head));
  // What is inside is made when it is looked at.
  details.addEventListener("toggle", () => details.append(inside(data)), { once: true });
  return make("li", {}, details);
}

function tag(data) {
  const words = data.kind === undefined ? "" : DATA.kinds[data.kind];
  const kind = words ? make("span", { class: `chip ${slug(words)}` }, mark(`kind-${slug(words)}`), words) : "";
  return make("div", { class: "tag" }, kind, make("span", {}, axis(data)), make("span", {}, data.id));
}

function axis(data) {
  const path = DATA.leaves[data.leaf];
  return path.slice(path.lastIndexOf(".") + 1);
}

function answers(data) {
  const list = make("dl", { class: "swap" });
  list.append(...answerLine("before", data.baseline, data), ...answerLine("now", data.candidate, data));
  const known = data.baseline.answer === data.correct || data.candidate.answer === data.correct;
  if (!known) list.append(...line("correct", option(data.correct, data), ""));
  return list;
}

function rules(data) {
  const list = make("dl", { class: "swap" });
  list.append(...line("correct", option(data.correct, data), ""));
  for (const rule of data.rules) list.append(...line("rule", rule, ""));
  return list;
}

function answerLine(when, answer, data) {
  const chance = answer.p?.[place(answer.answer)];
  const text = answer.correctness === "unparseable" ? unparseable(answer) : option(answer.answer, data);
  const credit = [answer.partial ? `credit ${answer.partial}` : "", answer.repeats ?? ""].filter(Boolean).join("; ");
  return line(when, text, chance === undefined ? credit : percent(chance));
}

function unparseable(answer) {
  return make("span", { class: "option", dir: "auto" }, "unparseable: ", answer.text || "no text");
}

function option(letter, data) {
  const correct = letter === data.correct;
  const text = data.options[place(letter)] ?? "";
  const sign = correct ? mark("mark-pass") : "";
  const name = correct ? make("span", { class: "unseen" }, "the correct option: ") : "";
  const style = correct ? "option correct" : "option";
  return make("span", { class: style, dir: "auto" }, sign, name, make("span", { class: "letter" }, letter), text);
}

function place(letter) {
  return letter.length === 1 ? LETTERS.indexOf(letter) : -1; // an open answer names no option
}

function line(title, text, chance) {
  return [make("dt", {}, title), make("dd", {}, text), make("dd", { class: "chance" }, chance)];
}

function percent(chance) {
  return `${(100 * chance).toFixed(chance < 0.1 ? 1 : 0)} %`;
}

function inside(data) {
  const inner = make("div", { class: "inner" });
  if (data.picture >= 0) inner.append(pictureOf(data, "large"));
  inner.append(options(data));
  for (const [when, answer] of [["before", data.baseline], ["now", data.candidate]]) {
    if (answer?.text) inner.append(make("h4", {}, `Text ${when}`), answerText(answer.text));
  }
  inner.append(command(data));
  return inner;
}

function options(data) {
  const ranked = data.baseline?.p !== undefined || data.candidate?.p !== undefined;
  const titles = ranked ? ["Option", "Before", "Now"] : ["Option", "", ""];
  const head = make("tr", {}, ...titles.filter(Boolean).map((each) => make("th", { scope: "col" }, each)));
  const rows = data.options.map((text, at) => optionRow(text, at, data, ranked));
  const caption = make("caption", { class: "unseen" }, `Options of ${data.id}`);
  return make("table", {}, caption, make("thead", {}, head), make("tbody", {}, ...rows));
}

function optionRow(text, at, data, ranked) {
  const correct = LETTERS[at] === data.correct ? make("span", { class: "is-correct" }, " ", mark("mark-pass"), " correct") : "";
  const letter = make("span", { class: "letter" }, LETTERS[at] ?? "?");
  const name = make("th", { scope: "row", dir: "auto" }, letter, text, correct);
  if (!ranked) return make("tr", {}, name);
  return make("tr", {}, name, bar(data.baseline.p?.[at], "bar former"), bar(data.candidate.p?.[at], "bar"));
}

function bar(chance, style) {
  if (chance === undefined) return make("td", { class: "bars" }, "no probability");
  const room = drawn("rect", { class: "room", width: "100%", height: "100%" });
  const full = drawn("rect", { class: "full", width: `${100 * chance}%`, height: "100%" });
  const picture = drawn("svg", { class: style, "aria-hidden": "true" }, room, full);
  return make("td", { class: "bars" }, picture, percent(chance));
}

function answerText(text) {
  return make("div", { class: "answer-text" }, make("pre", { tabindex: "0", dir: "auto" }, text));
}

function command(data) {
  const benchmark = DATA.leaves[data.leaf].split(".")[0];
  const text = `mmbench show ${benchmark} ${shell(data.id)} --pictures seen`;
  const button = make("button", { type: "button", class: "quiet copy" }, "Copy");
  return make("div", { class: "command" }, make("pre", {}, make("code", {}, text)), button);
}

function shell(word) {
  return /^[\w./:=@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
