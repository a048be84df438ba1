"use strict";
{
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const one = (selector, root = document) => root.querySelector(selector);
  const form = one(".filter");
  const matrix = one("#matrix");
  const dialog = one("#detail");

  // --- filter: an account stays for its name, or for what is in one of its Regions ---

  const texts = new Map(); // text, in lower case, of what is filtered
  const textOf = (element) => {
    if (!texts.has(element)) {
      texts.set(element, element.dataset.text || element.textContent.toLowerCase());
    }
    return texts.get(element);
  };

  const wanted = () => ({
    text: one("#text").value.trim().toLowerCase(),
    wave: one("#wave") ? one("#wave").value : "",
    states: new Set(all("[name=state]:checked").map((box) => box.value)),
  });

  const filterRow = (row, { text, wave, states }) => {
    const account = textOf(one("th", row)).includes(text);
    let any = false;
    for (const cell of all("[data-state]", row)) {
      const fits = (account || textOf(cell).includes(text)) && (!states.size || states.has(cell.dataset.state));
      cell.classList.toggle("faint", !fits);
      any = any || fits;
    }
    const cells = any || (account && !states.size);
    row.hidden = !(cells && (!wave || row.dataset.wave === wave));
    return !row.hidden;
  };

  const filterItem = (item, { text, wave, states }) => {
    const { state, wave: own, account } = item.dataset;
    const waveOf = own === undefined ? waves.get(account) : own;
    const fits = textOf(item).includes(text) && (!wave || waveOf === wave) && (state === undefined || !states.size || states.has(state));
    item.hidden = !fits;
  };

  const rows = matrix ? all("tbody tr", matrix) : [];
  const waves = new Map(rows.map((row) => [row.dataset.account, row.dataset.wave]));

  const filter = () => {
    const by = wanted();
    const active = Boolean(by.text || by.wave || by.states.size);
    const shown = rows.filter((row) => filterRow(row, by)).length;
    all(".items > li").forEach((item) => filterItem(item, by));
    document.body.classList.toggle("filtering", active);
    for (const section of all("main section").filter((each) => one(".items", each))) {
      section.hidden = all(".items > li", section).every((item) => item.hidden);
    }
    if (one(".none")) {
      one(".none").hidden = shown > 0;
    }
    one("#shown").value = active ? `${shown} of ${rows.length} accounts` : "";
    settle();
  };

  // --- long lists show their beginning, until one asks for more or filters ---

  for (const list of all("[data-limit]")) {
    const items = [...list.children];
    const limit = Number(list.dataset.limit);
    if (items.length > limit + 2) {
      items.slice(limit).forEach((item) => item.classList.add("over"));
      list.classList.add("limited");
      const more = document.createElement("button");
      more.type = "button";
      more.className = "quiet more";
      more.textContent = `Show all ${items.length}`;
      more.addEventListener("click", () => {
        list.classList.remove("limited");
        more.remove();
        one("summary", items[limit]).focus();
      });
      list.after(more);
    }
  }

  const reveal = () => {
    const target = location.hash && document.getElementById(location.hash.slice(1));
    if (target && target.matches(".items > li")) {
      target.parentElement.classList.remove("limited");
      one("details", target).open = true;
      target.scrollIntoView();
    }
  };
  addEventListener("hashchange", reveal);
  reveal();

  // --- the matrix is one stop of the Tab key; the arrows move in it ---

  const cells = () => rows.filter((row) => !row.hidden).map((row) => [...row.cells].slice(1).map((cell) => one("button", cell)));

  const settle = () => {
    const buttons = cells().flat().filter(Boolean);
    if (matrix && !buttons.some((button) => button.tabIndex === 0)) {
      all("button", matrix).forEach((button) => (button.tabIndex = -1));
      if (buttons.length) {
        buttons[0].tabIndex = 0;
      }
    }
  };

  const steps = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

  const move = (event) => {
    const step = steps[event.key];
    const from = event.target.closest("button");
    if (!step || !from) {
      return;
    }
    event.preventDefault();
    const grid = cells();
    let y = grid.findIndex((row) => row.includes(from));
    let x = grid[y].indexOf(from);
    do {
      y += step[0];
      x += step[1];
    } while (grid[y] && x >= 0 && x < grid[y].length && !grid[y][x]);
    const to = grid[y] && grid[y][x];
    if (to) {
      from.tabIndex = -1;
      to.tabIndex = 0;
      to.focus();
    }
  };

  // --- details of a delivery: what is on the page for it, shown again in the dialog ---

  const open = (button) => {
    const source = document.getElementById(button.dataset.detail);
    one("#detail-title").textContent = button.dataset.title;
    const state = document.createElement("p");
    state.className = "pill " + [...button.classList].find((name) => name.startsWith("s-"));
    state.append(...[...button.childNodes].map((node) => node.cloneNode(true)));
    const body = one(".body", dialog);
    body.replaceChildren(state, (source.content || source).cloneNode(true));
    all("[id]", body).forEach((element) => element.removeAttribute("id"));
    all("[data-copy]", body).forEach((copy) => (copy.hidden = false));
    dialog.showModal();
  };

  const copy = async (button) => {
    const code = one("code", button.parentElement);
    try {
      await navigator.clipboard.writeText(code.textContent);
    } catch {
      const range = document.createRange();
      range.selectNodeContents(code);
      getSelection().removeAllRanges();
      getSelection().addRange(range);
      document.execCommand("copy");
    }
    button.textContent = "Copied";
    setTimeout(() => (button.textContent = "Copy"), 1500);
  };

  // --- listeners ---

  document.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button && "copy" in button.dataset) {
      copy(button);
    } else if (button && button.dataset.detail) {
      open(button);
    } else if (event.target === dialog || (button && button.id === "close") || event.target.closest("dialog a")) {
      dialog.close();
    }
  });
  all("[data-copy]").forEach((button) => (button.hidden = false));

  if (matrix) {
    matrix.addEventListener("keydown", move);
    all("button", matrix).forEach((button, index) => (button.tabIndex = index ? -1 : 0));
  }
  if (form) {
    form.hidden = false;
    form.addEventListener("input", filter);
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("reset", () => setTimeout(filter));
  }

  // Paper shows what a click would.
  let closed = [];
  addEventListener("beforeprint", () => {
    closed = all("details:not([open])");
    closed.forEach((details) => (details.open = true));
  });
  addEventListener("afterprint", () => closed.forEach((details) => (details.open = false)));
}
