// Headroom's only script: keeps the page up to date, and shows the figures at a cursor.
// The page is complete without it. It sets no markup of its own but the cursor's box.
(() => {
  "use strict";
  const main = document.getElementById("live");

  // --- Morph: make the old tree equal to the new one and touch nothing that already is. Focus,
  // --- scroll positions, text selection and open <details> survive because their nodes do.

  const keyOf = (node) => node.dataset?.key || node.id || "";

  function morph(old, fresh) {
    if (old.isEqualNode(fresh)) return;
    if (old.nodeType !== fresh.nodeType || old.nodeName !== fresh.nodeName) return old.replaceWith(fresh);
    if (old.nodeType !== Node.ELEMENT_NODE) { old.data = fresh.data; return; }
    if (!old.matches(".plot, .cursor")) morphAttributes(old, fresh);
    morphChildren(old, fresh);
  }

  function morphAttributes(old, fresh) {
    for (const { name } of [...old.attributes]) {
      if (!fresh.hasAttribute(name) && name !== "open") old.removeAttribute(name);
    }
    for (const { name, value } of fresh.attributes) {
      if (old.getAttribute(name) !== value) old.setAttribute(name, value);
    }
  }

  function morphChildren(old, fresh) {
    const wanted = new Set([...fresh.children].map(keyOf).filter(Boolean));
    for (const child of [...old.children]) {
      if (keyOf(child) && !wanted.has(keyOf(child))) child.remove();
    }
    const keyed = new Map([...old.children].filter(keyOf).map((child) => [keyOf(child), child]));
    let at = old.firstChild;
    for (const child of [...fresh.childNodes]) {
      const match = keyed.get(keyOf(child)) ?? (at && !keyOf(at) && !keyOf(child) ? at : null);
      if (!match) { old.insertBefore(child, at); continue; }
      if (match === at) at = at.nextSibling; else old.insertBefore(match, at);
      morph(match, child);
    }
    while (at) { const next = at.nextSibling; at.remove(); at = next; }
  }

  // --- Cursor: one moment, marked in every chart. The figures come from the table below them.

  const tip = document.createElement("div");
  tip.id = "tip"; tip.hidden = true;
  let cursor = null; // { plot, index } or null

  const rows = () => document.getElementById("figures")?.querySelectorAll("tbody tr") ?? [];
  const heads = () => [...document.querySelectorAll("#figure-names th")].map((th) => th.textContent);
  const range = (plot) => [Number(plot.dataset.from), Number(plot.dataset.to)];
  const names = (plot) => heads().slice(...range(plot));
  function cells(plot, index) {
    const row = [...(rows()[index]?.cells ?? [])].map((cell) => cell.textContent);
    return [row[0] ?? "", ...row.slice(...range(plot))];
  }

  function showCursor() {
    const plots = [...document.querySelectorAll(".plot")];
    const count = rows().length;
    if (cursor) cursor.index = Math.max(0, Math.min(cursor.index, count - 1));
    for (const plot of plots) {
      const line = plot.querySelector(".cursor");
      line.classList.toggle("on", Boolean(cursor));
      if (!cursor) continue;
      const x = ((cursor.index + 0.5) / count) * 100 + "%";
      line.setAttribute("x1", x); line.setAttribute("x2", x);
    }
    tip.hidden = !cursor;
    if (cursor) fillTip(cursor.plot, count);
  }

  function fillTip(plot, count) {
    const [head, ...values] = cells(plot, cursor.index);
    const list = document.createElement("dl");
    names(plot).forEach((name, i) => {
      for (const [tag, text] of [["dt", name], ["dd", values[i]]]) {
        list.append(Object.assign(document.createElement(tag), { textContent: text }));
      }
    });
    tip.replaceChildren(Object.assign(document.createElement("b"), { textContent: head }), list);
    const box = plot.getBoundingClientRect();
    const x = box.left + ((cursor.index + 0.5) / count) * box.width;
    const left = x + 14 + tip.offsetWidth < innerWidth - 8 ? x + 14 : Math.max(8, x - 14 - tip.offsetWidth);
    tip.style.transform = `translate(${left + scrollX}px, ${box.top + 4 + scrollY}px)`;
  }

  function describePlots() {
    const count = rows().length;
    for (const plot of document.querySelectorAll(".plot")) {
      plot.tabIndex = 0;
      plot.setAttribute("role", "slider");
      plot.setAttribute("aria-label", "Cursor: " + plot.closest("figure").querySelector("h3").textContent);
      plot.setAttribute("aria-valuemin", 0);
      plot.setAttribute("aria-valuemax", Math.max(0, count - 1));
      describeValue(plot, cursor?.index ?? count - 1);
    }
    showCursor();
  }

  function describeValue(plot, index) {
    const [head, ...values] = cells(plot, index);
    plot.setAttribute("aria-valuenow", index);
    plot.setAttribute("aria-valuetext", [head, ...names(plot).map((name, i) => `${name} ${values[i]}`)].join(", "));
  }

  function moveCursor(plot, index) {
    cursor = { plot, index };
    showCursor();
    describeValue(plot, cursor.index);
  }

  const clearCursor = () => { cursor = null; showCursor(); };

  function onPointer(event) {
    const plot = event.target.closest?.(".plot");
    if (!plot) { if (cursor && event.type === "pointermove" && !document.activeElement.matches(".plot")) clearCursor(); return; }
    const box = plot.getBoundingClientRect();
    moveCursor(plot, Math.floor(((event.clientX - box.left) / box.width) * rows().length));
  }

  function onKey(event) {
    const plot = event.target.closest?.(".plot");
    if (!plot) return;
    if (event.key === "Escape") return clearCursor();
    const last = rows().length - 1;
    const from = cursor?.index ?? last + 1;
    const to = { ArrowLeft: from - 1, ArrowDown: from - 1, ArrowRight: from + 1, ArrowUp: from + 1,
      PageDown: from - 12, PageUp: from + 12, Home: 0, End: last }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    moveCursor(plot, to);
  }

  // --- Live: the server says "changed", we fetch this view again; at most once a second, and at
  // --- least every 15 seconds, because ages grow even when nothing happens.

  const FETCH_MS_MIN = 1000, FETCH_MS_MAX = 15000, RETRY_MS = 5000;
  const toggle = document.getElementById("live-toggle");
  const said = document.getElementById("live-state");
  const words = { live: "Live", reconnecting: "Reconnecting", paused: "Paused" };
  let source = null, retry = 0, timer = 0, dueAt = Infinity, fetchedAt = 0, busy = false, stopped = false;

  function say(state) {
    if (toggle.dataset.state !== state || said.textContent !== words[state]) said.textContent = words[state];
    toggle.dataset.state = state;
    toggle.setAttribute("aria-pressed", String(state === "paused"));
    toggle.title = state === "paused" ? "Continue live updates" : "Pause live updates";
  }

  const idle = () => stopped || document.hidden;

  function plan(at) {
    if (idle() || at >= dueAt) return;
    dueAt = at;
    clearTimeout(timer);
    timer = setTimeout(refresh, Math.max(0, at - Date.now()));
  }

  const changed = () => plan(Math.max(Date.now(), fetchedAt + FETCH_MS_MIN));

  async function refresh() {
    dueAt = Infinity;
    if (idle()) return;
    if (busy) return plan(Date.now() + FETCH_MS_MIN);
    busy = true;
    fetchedAt = Date.now();
    try {
      const signal = AbortSignal.timeout(FETCH_MS_MAX);
      const answer = await fetch(location.href, { headers: { "X-Headroom-Fragment": "1" }, cache: "no-store", signal });
      if (!answer.ok && answer.status !== 404) throw new Error(answer.statusText);
      const text = await answer.text();
      if (!idle()) { swap(text); if (source?.readyState === EventSource.OPEN) say("live"); }
    } catch { if (!idle()) say("reconnecting"); }
    busy = false;
    plan(fetchedAt + FETCH_MS_MAX);
  }

  function swap(text) {
    const view = new DOMParser().parseFromString(text, "text/html").getElementById("view");
    const old = document.getElementById("view");
    if (!view || !old) return;
    if (view.dataset.assets !== old.dataset.assets) return location.reload(); // another release
    morph(old, view);
    document.title = view.dataset.title;
    describePlots();
  }

  function connect() {
    clearTimeout(retry);
    source?.close();
    if (idle()) return;
    source = new EventSource("/events");
    source.onopen = () => { say("live"); changed(); };
    source.addEventListener("changed", changed);
    source.onmessage = (event) => { if (event.data === "changed") changed(); };
    source.onerror = () => {
      if (idle()) return;
      say("reconnecting");
      if (source.readyState === EventSource.CLOSED) retry = setTimeout(connect, RETRY_MS);
    };
  }

  function settle() {
    if (!idle()) { say("reconnecting"); connect(); changed(); return; }
    clearTimeout(timer); clearTimeout(retry);
    dueAt = Infinity;
    source?.close();
    say("paused");
  }

  document.body.append(tip);
  document.addEventListener("pointermove", onPointer);
  document.addEventListener("pointerdown", onPointer);
  document.documentElement.addEventListener("pointerleave", () => { if (!document.activeElement.matches(".plot")) clearCursor(); });
  document.addEventListener("keydown", onKey);
  document.addEventListener("focusout", (event) => { if (event.target.matches(".plot")) clearCursor(); });
  document.addEventListener("visibilitychange", settle);
  addEventListener("resize", showCursor);
  toggle.addEventListener("click", () => { stopped = !stopped; settle(); });
  toggle.hidden = false;
  describePlots();
  say("live");
  plan(Date.now() + FETCH_MS_MAX);
  if (!idle()) connect(); else say("paused");
})();
