// Sorts tables by their heads and tells the hours of the heat maps. All can be read without it.
"use strict";
(() => {
  const key = (row, column) => {
    const cell = row.cells[column];
    const value = cell.dataset.value ?? cell.textContent.trim();
    const number = Number(value);
    return value !== "" && !Number.isNaN(number) ? number : value.toLowerCase();
  };
  const order = (a, b) => (typeof a === typeof b ? (a < b ? -1 : a > b ? 1 : 0) : typeof a === "number" ? -1 : 1);
  const sort = (head, column) => {
    const body = head.closest("table").tBodies[0];
    const falls = head.getAttribute("aria-sort") === "descending" ? false : column > 0 || head.getAttribute("aria-sort") === "ascending";
    for (const other of head.parentNode.cells) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", falls ? "descending" : "ascending");
    const rows = [...body.rows].map((row) => [key(row, column), row]);
    rows.sort(([a], [b]) => (falls ? order(b, a) : order(a, b)));
    body.append(...rows.map(([, row]) => row));
  };
  for (const table of document.querySelectorAll("table.sortable")) {
    [...table.tHead.rows[0].cells].forEach((head, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      button.addEventListener("click", () => sort(head, column));
      head.append(button);
    });
  }

  const days = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
  const tip = document.createElement("div");
  tip.id = "tip";
  tip.hidden = true;
  for (const plot of document.querySelectorAll("[data-hours]")) {
    const values = plot.dataset.hours.split("|");
    plot.addEventListener("pointermove", (event) => {
      const box = plot.getBoundingClientRect();
      const hour = Math.floor(((event.clientX - box.left) / box.width) * 24);
      const day = Math.floor((event.clientY - box.top) / 22);
      tip.hidden = !(hour >= 0 && hour < 24 && day >= 0 && day < 7);
      if (tip.hidden) return;
      tip.textContent = `${days[day]} ${hour}:00 UTC: ${values[day * 24 + hour] || "nothing known"}`;
      plot.append(tip);
      const left = Math.min(event.clientX - box.left + 12, box.width - tip.offsetWidth);
      tip.style.left = `${Math.max(0, left)}px`;
      tip.style.top = `${event.clientY - box.top + 14}px`;
    });
    plot.addEventListener("pointerleave", () => { tip.hidden = true; });
  }

  // A link to a pool unfolds it.
  const unfold = () => {
    const pool = location.hash && document.getElementById(location.hash.slice(1));
    if (pool instanceof HTMLDetailsElement) pool.open = true;
  };
  addEventListener("hashchange", unfold);
  unfold();
  addEventListener("beforeprint", () => { for (const it of document.querySelectorAll("details")) it.open = true; });
})();
