// Pictures lie behind everything else in the file, in blocks that are parsed when one is looked at.

const parsedBlocks = new Map();
const waiting = [];

function block(at) {
  if (!parsedBlocks.has(at)) {
    const source = document.getElementById(`pictures-${at}`);
    if (source === null) return undefined;
    parsedBlocks.set(at, JSON.parse(source.textContent));
  }
  return parsedBlocks.get(at);
}

function uri(number) {
  return block(Math.floor(number / DATA.block))?.[number % DATA.block];
}

function show(image, number) {
  const source = uri(number);
  if (source === undefined) waiting.push([image, number]);
  else image.src = source;
}

document.addEventListener("DOMContentLoaded", () => {
  for (const [image, number] of waiting.splice(0)) show(image, number);
});

function pictureOf(card, size) {
  if (card.picture >= 0) {
    const image = make("img", { alt: `picture of ${card.id}`, decoding: "async", class: size });
    show(image, card.picture);
    return image;
  }
  return card.picture === undefined ? "not in this file" : "no picture";
}
