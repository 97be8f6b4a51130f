// Everything is readable before this runs; now it can be used.

const DATA = JSON.parse(document.getElementById("data").textContent);
const THEMES = ["auto", "light", "dark"];

function themes(button) {
  const current = () => document.documentElement.dataset.theme ?? "auto";
  const tell = () => { button.textContent = `Theme: ${current()}`; };
  button.addEventListener("click", () => {
    const next = THEMES[(THEMES.indexOf(current()) + 1) % THEMES.length];
    if (next === "auto") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = next;
    try {
      localStorage.setItem("mmbench-theme", next);
    } catch {
      // Then it is forgotten when the file is closed.
    }
    tell();
  });
  tell();
  button.hidden = false;
}

async function copy(button) {
  const text = button.parentElement.querySelector("code");
  getSelection().selectAllChildren(text);
  try {
    await navigator.clipboard.writeText(text.textContent);
    announce("Copied");
    button.textContent = "Copied";
  } catch {
    announce("Selected; copy it with the keyboard");
    button.textContent = "Selected";
  }
}

document.addEventListener("click", (event) => {
  const button = event.target.closest(".copy");
  if (button) copy(button);
});
for (const button of document.querySelectorAll(".copy")) button.hidden = false;
themes(document.getElementById("theme"));

for (const table of document.querySelectorAll(".tree")) tree(table);
const changed = document.getElementById("changed");
if (changed) filters(document.getElementById("filters"), DATA.changed, listing(changed, "answer"));
const candidates = document.getElementById("candidates");
if (candidates) listing(candidates, "sample")(DATA.shortcuts);
