"use strict";
// Everything a server wrote is set as text, never as markup.
const data = JSON.parse(document.getElementById("data").textContent);
const ROW = 26;
const DRAWN = 60;
const PRINTED = 500;
const AT_ONCE = 200;
const number = new Intl.NumberFormat("en");

function make(name, text, className) {
  const element = document.createElement(name);
  if (text !== undefined && text !== null) element.textContent = text;
  if (className) element.className = className;
  return element;
}

// A table that draws only the rows in sight, with a search over all columns and a sort by any.
function table(section, columns, rows) {
  let shown = rows;
  let sorted = null;
  let descending = false;
  const tools = make("div", null, "tools");
  const search = make("input");
  search.type = "search";
  search.placeholder = "search in all columns";
  search.setAttribute("aria-label", `search in ${section.getAttribute("aria-label")}`);
  const count = make("span", null, "dim");
  count.setAttribute("role", "status");
  tools.append(search, count);
  const box = make("div", null, "box");
  box.tabIndex = 0;
  box.setAttribute("role", "region");
  box.setAttribute("aria-label", `${section.getAttribute("aria-label")}, table`);
  const grid = make("table");
  const heads = make("tr");
  columns.forEach((column, at) => {
    const head = make("th", null, column.number ? "number" : "");
    head.scope = "col";
    const button = make("button", column.name);
    button.title = column.meaning;
    button.addEventListener("click", () => {
      descending = sorted === at ? !descending : Boolean(column.number);
      sorted = at;
      [...heads.children].forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", descending ? "descending" : "ascending");
      update();
    });
    head.append(button);
    heads.append(head);
  });
  const headings = make("thead");
  headings.append(heads);
  const body = make("tbody");
  grid.append(headings, body);
  box.append(grid);
  section.append(tools, box);

  const texts = new Map();
  function text(row) {
    let found = texts.get(row);
    if (found === undefined) {
      found = row.map((value) => (Array.isArray(value) ? value.join(", ") : value ?? "")).join("\n").toLowerCase();
      texts.set(row, found);
    }
    return found;
  }
  function compare(left, right) {
    const [mine, theirs] = [left[sorted], right[sorted]];
    if (mine === null || theirs === null) return (mine === null) - (theirs === null);
    const order = mine < theirs ? -1 : mine > theirs ? 1 : 0;
    return descending ? -order : order;
  }
  function update() {
    const wanted = search.value.trim().toLowerCase();
    shown = wanted ? rows.filter((row) => text(row).includes(wanted)) : rows;
    if (sorted !== null) shown = [...shown].sort(compare);
    count.textContent = wanted ? `${number.format(shown.length)} of ${number.format(rows.length)} rows` : `${number.format(rows.length)} rows`;
    box.scrollTop = 0;
    draw(0, DRAWN);
  }
  function gap(rows_) {
    const row = make("tr", null, "gap");
    const cell = make("td");
    cell.colSpan = columns.length;
    cell.style.height = `${rows_ * ROW}px`;
    row.append(cell);
    row.setAttribute("aria-hidden", "true");
    return row;
  }
  function draw(first, last) {
    const end = Math.min(last, shown.length);
    const drawn = shown.slice(first, end).map((values) => {
      const row = make("tr");
      values.forEach((value, at) => {
        const words = Array.isArray(value) ? value.join(", ") : typeof value === "number" ? number.format(value) : value;
        const column = columns[at];
        const cell = make("td", words, column.number ? "number" : column.colour && value ? String(value).replace(/\W/g, "") : column.wide ? "wide" : "");
        if (words && String(words).length > 30) cell.title = words;
        row.append(cell);
      });
      return row;
    });
    body.replaceChildren(...(first > 0 ? [gap(first)] : []), ...drawn, ...(end < shown.length ? [gap(shown.length - end)] : []));
  }
  search.addEventListener("input", update);
  let waiting = false;
  box.addEventListener("scroll", () => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      const first = Math.max(0, Math.floor(box.scrollTop / ROW) - 15);
      draw(first, first + DRAWN);
    });
  });
  addEventListener("beforeprint", () => {
    draw(0, PRINTED);
    if (shown.length > PRINTED) count.textContent = `the first ${PRINTED} of ${number.format(shown.length)} rows`;
  });
  addEventListener("afterprint", update);
  update();
}

function bars(section, counts) {
  const grid = make("div", null, "bars");
  const most = Math.max(1, ...counts.map(([, count]) => count));
  for (const [name, count, meaning] of counts) {
    const label = make("span", name);
    label.title = meaning;
    const bar = make("div", null, "bar");
    bar.style.width = `${(100 * count) / most}%`;
    grid.append(label, bar, make("span", number.format(count), "number"));
  }
  section.append(grid);
}

function padlock() {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("width", "12");
  svg.setAttribute("height", "12");
  svg.setAttribute("class", "lock");
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", "restricted");
  const path = document.createElementNS(space, "path");
  path.setAttribute("d", "M4 7V5a4 4 0 0 1 8 0v2h1v8H3V7zm2 0h4V5a2 2 0 0 0-4 0z");
  svg.append(path);
  return svg;
}

// The content tree. Children are drawn when their parent is opened, some at a time.
function tree(section) {
  const { spaces, nodes, rules } = data.tree;
  const children = new Map();
  nodes.forEach((node, at) => {
    const key = node[0] === null ? `space ${node[1]}` : node[0];
    if (!children.has(key)) children.set(key, []);
    children.get(key).push(at);
  });
  function line(at) {
    const [, , title, kind, viewers, open, editors, own] = nodes[at];
    const parts = document.createDocumentFragment();
    if (own) parts.append(padlock());
    parts.append(make("span", title));
    const views = viewers === null ? "access unknown" : `${number.format(viewers)} can view` + (open ? `, ${number.format(open)} unknown` : "");
    const edits = editors === null ? "" : `, ${number.format(editors)} can edit`;
    parts.append(make("span", ` ${kind === "page" ? "" : `${kind}, `}${views}${edits}`, "dim"));
    return parts;
  }
  function who(at) {
    const [, , , , , , , own, rule] = nodes[at];
    const lines = make("div", null, "who");
    if (own) lines.append(make("div", own));
    if (rule !== null) lines.append(make("div", `can view: ${rules[rule]}`));
    return lines;
  }
  function list(place, key, from) {
    const found = children.get(key) ?? [];
    for (const at of found.slice(from, from + AT_ONCE)) place.append(node(at));
    const left = found.length - from - AT_ONCE;
    if (left > 0) {
      const more = make("button", `show ${number.format(Math.min(left, AT_ONCE))} more of ${number.format(left)}`, "more");
      more.addEventListener("click", () => {
        more.remove();
        list(place, key, from + AT_ONCE);
      });
      place.append(more);
    }
  }
  function node(at) {
    const details = make("details", null, "node");
    const summary = make("summary");
    summary.append(line(at));
    details.append(summary);
    details.addEventListener("toggle", () => {
      details.append(who(at));
      list(details, at, 0);
    }, { once: true });
    return details;
  }
  for (const [key, name] of spaces) {
    const details = make("details", null, "node");
    const summary = make("summary");
    summary.append(make("b", name), make("span", ` ${key}`, "dim"));
    details.append(summary);
    details.addEventListener("toggle", () => {
      list(details, `space ${key}`, 0);
      if (!children.has(`space ${key}`)) details.append(make("div", "no content was read", "leaf dim"));
    }, { once: true });
    section.append(details);
  }
}

for (const part of data.parts) {
  const section = document.getElementById(part.id);
  if (part.bars) bars(section, part.bars);
  if (part.tree) tree(section);
  if (part.columns) table(section, part.columns, part.rows);
}
