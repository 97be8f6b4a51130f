// Rows of the tree fold away below their capability.

const NARROW = matchMedia("(max-width: 48rem)").matches;
const FEW = NARROW ? 10 : 40; // rows that need no folding

function tree(table) {
  const rows = [...table.tBodies[0].rows];
  const byPath = new Map(rows.map((row) => [row.dataset.path, row]));
  const button = (row) => row?.querySelector(".fold");
  const open = (row) => button(row)?.getAttribute("aria-expanded") === "true";

  function draw() {
    for (const row of rows) {
      const above = byPath.get(row.dataset.above);
      row.hidden = above !== undefined && (above.hidden || !open(above));
    }
  }

  function fold(row, folded) {
    button(row)?.setAttribute("aria-expanded", String(!folded));
  }

  function all(folded) {
    for (const row of rows) fold(row, folded && row.dataset.above !== "");
    if (folded) for (const row of rows) if (row.dataset.above === "") fold(row, false);
    draw();
  }

  table.addEventListener("click", (event) => {
    const clicked = event.target.closest(".fold")?.closest("tr");
    if (!clicked) return;
    fold(clicked, open(clicked));
    draw();
  });
  const tools = table.closest("section").querySelector(".tools");
  tools.querySelector(".unfold").addEventListener("click", () => all(false));
  tools.querySelector(".fold-all").addEventListener("click", () => all(true));
  tools.hidden = !rows.some(button);
  if (rows.length > FEW) {
    all(true);
    for (const row of rows) if ("notable" in row.dataset) unfoldTo(row);
    draw();
  }

  function unfoldTo(row) {
    for (let above = byPath.get(row.dataset.above); above; above = byPath.get(above.dataset.above)) fold(above, false);
  }
}
