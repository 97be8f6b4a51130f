// Elements made of data. Text is always set as text: nothing of the data becomes markup.

const SVG = "http://www.w3.org/2000/svg";

function make(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes ?? {})) element.setAttribute(name, value);
  element.append(...children.filter((each) => each !== ""));
  return element;
}

function drawn(tag, attributes, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

function mark(name) {
  const hidden = { class: "mark", "aria-hidden": "true", focusable: "false" };
  return drawn("svg", hidden, drawn("use", { href: `#${name}` }));
}

function slug(words) {
  return words.replaceAll(" ", "-");
}

function announce(words) {
  document.getElementById("status").textContent = words;
}

function counted(number, noun) {
  return `${number.toLocaleString("en")} ${noun}${number === 1 ? "" : "s"}`;
}
