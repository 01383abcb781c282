// The matrix: a row for each item, a column for each release.

const GROUPS = { command: "Commands", event: "Events", struct: "Structs", enum: "Enums", union: "Unions", alternate: "Alternates" };

const GLYPHS = { added: "+", changed: "~", removed: "×" };

/** Definitions whose parts the reader asked for, or asked to hide where all are shown. */
const opened = new Set();

/** What is drawn, for the keyboard and the pointer: the columns and their looks, and which cell had the focus last. */
const drawn = { columns: [], looks: [], item: undefined, column: -1, state: BLANK };

const conditionAt = (item, facts, release) =>
  facts.condition ?? (isDefinition(item) ? undefined : spanAt(items[item.owner], release)?.facts?.condition);

const isUnbuilt = (item, facts, release, state) =>
  state.platform !== undefined && presence(item, facts, release, state.platform) === "no";

/** Whether only some builds have it: of all, or of those that were chosen. */
const isConditional = (item, facts, release, state) =>
  (state.platform === undefined ? conditionAt(item, facts, release) !== undefined : presence(item, facts, release, state.platform) === "some");

/** What a cell shows: a glyph, and classes for its looks. */
function cellLooks(item, release, state) {
  const facts = spanAt(item, release)?.facts;
  const event = eventAt(item, release);
  if (!facts) return event ? { glyph: GLYPHS[event], looks: event } : { glyph: "", looks: "" };
  if (isUnbuilt(item, facts, release, state)) return { glyph: "–", looks: "unbuilt" };
  const looks = event ?? "there";
  return {
    glyph: GLYPHS[event] ?? (facts.optional ? "○" : "●"),
    looks: isConditional(item, facts, release, state) ? `${looks} conditional` : looks,
  };
}

/** The same in words. */
function cellWords(item, release, state) {
  const span = spanAt(item, release);
  const event = eventAt(item, release);
  const place = `${item.path} in ${releases[release]}`;
  if (!span?.facts) return `${place}: ${event ?? "not there"}`;
  if (isUnbuilt(item, span.facts, release, state)) return `${place}: not built for ${data.platforms[state.platform]}`;
  const told = event ? span.told : span.from === 0 ? "there" : `there, so since ${releases[span.from]}`;
  return `${place}: ${[told, ...factWords(span.facts)].filter(Boolean).join(", ")}`;
}

function factWords(facts) {
  return [
    facts.type && `type ${facts.type}`,
    facts.optional && "may be absent",
    facts.condition !== undefined && `only in agents built ${data.conditions[facts.condition].words}`,
  ];
}

// Laying out thousands of cells takes long, so each row is made once, filled when it is first seen, and hidden
// where it does not belong.

/** The row of each item, and the heading of each group. */
const rowOf = new Map();
const headingOf = new Map();

/** Makes all rows, empty. */
function buildMatrix() {
  const head = make("thead", {});
  const bodies = Object.keys(GROUPS).map((kind) => {
    const heading = make("tr", { class: "group", hidden: true });
    headingOf.set(kind, heading);
    const group = items.filter((item) => isDefinition(item) && item.kind === kind).flatMap((item) => [item, ...item.parts]);
    for (const item of group) rowOf.set(item, emptyRow(item));
    return make("tbody", {}, heading, group.map((item) => rowOf.get(item)));
  });
  byId("grid").append(head, ...bodies);
}

function emptyRow(item) {
  const level = isDefinition(item) ? { "aria-level": "1" } : { "aria-level": "2", class: "part" };
  return make("tr", { ...level, "data-item": item.index, hidden: true }, make("th", { scope: "row" }));
}

function drawMatrix(state) {
  if (!rowOf.size) buildMatrix();
  const grid = byId("grid");
  const columns = [...releases.keys()].filter((at) => !state.columns || at === 0 || eventful.includes(at));
  const looks = columns.map((_, at) => columnLooks(columns, at, state));
  // Whatever the cells are made of.
  const cells = JSON.stringify([columns, looks, state.platform]);
  Object.assign(drawn, { columns, looks, cells, state });
  if (state.item !== undefined) drawn.item = itemAt.get(state.item);
  grid.style.setProperty("--columns", columns.length);
  grid.tHead.replaceChildren(headRow(columns, state));
  const rows = selectRows(state, opened);
  const open = new Map(rows.map((row) => [row.item, row.open]));
  const shown = new Set(rows.flatMap(({ item, parts }) => [item, ...parts]));
  const terms = termsIn(state.q);
  for (const [item, row] of rowOf) {
    row.hidden = !shown.has(item);
    if (!row.hidden) fillRow(row, item, open.get(item), terms);
  }
  for (const [kind, heading] of headingOf) {
    const count = rows.filter(({ item }) => item.kind === kind).length;
    heading.hidden = count === 0;
    heading.replaceChildren(make("th", { scope: "rowgroup", colspan: columns.length + 1 }, make("span", {}, `${GROUPS[kind]} ${count}`)));
  }
  keepReachable();
  const parts = rows.reduce((sum, row) => sum + row.meant, 0);
  byId("count").textContent = rows.length ? `${counted(rows.length, "definition")}, ${counted(parts, "part")}` : "Nothing passes these filters";
}

/** The releases. Each leads to what it changed. */
function headRow(columns, state) {
  const heads = columns.map((release, at) => {
    const next = columns[at + 1] ?? releases.length;
    const alike = releases.slice(release + 1, next);
    const before = Math.max(0, release - 1);
    const title = release === 0 ? "the oldest release known"
      : eventful.includes(release) ? `what ${releases[release]} changed` : `${releases[release]} changed nothing`;
    return make("th", { scope: "col", class: drawn.looks[at] },
      linkTo({ ...state, from: before, to: release }, { tabindex: "-1", title: alike.length && state.columns ? `${title}; the same: ${alike.join(", ")}` : title },
        make("span", {}, releases[release])));
  });
  return make("tr", {}, make("th", { class: "corner", scope: "col" }, "Item"), ...heads);
}

/** Lines between major versions, and the column that is looked for. */
function columnLooks(columns, at, state) {
  const major = (release) => releases[release]?.split(".")[0];
  return [
    at > 0 && major(columns[at]) !== major(columns[at - 1]) && "major",
    columns[at] === state.changed && "sought",
    !eventful.includes(columns[at]) && "quiet",
  ].filter(Boolean).join(" ");
}

/** Brings a row up to date: its cells only if they would look otherwise. */
function fillRow(row, item, open, terms) {
  const name = isDefinition(item) ? item.path : partName(item);
  if (drawn.state.item === item.path) row.setAttribute("aria-selected", "true");
  else row.removeAttribute("aria-selected");
  const heading = row.cells[0];
  if (item.parts.length) heading.setAttribute("aria-expanded", String(open));
  heading.replaceChildren(...present([
    item.parts.length > 0 && make("button", {
      type: "button", class: "toggle", tabindex: "-1", "aria-hidden": "true", title: open ? "Hide its parts" : "Show its parts",
    }, open ? "▾" : "▸"),
    linkTo({ ...drawn.state, item: item.path }, { tabindex: "-1", title: item.path }, marked(name, terms)),
  ]));
  if (row.dataset.cells === drawn.cells) return;
  row.dataset.cells = drawn.cells;
  row.replaceChildren(heading, ...drawn.columns.map((release, at) => {
    const { glyph, looks } = cellLooks(item, release, drawn.state);
    const cell = document.createElement("td");
    cell.className = `${looks} ${drawn.looks[at]}`;
    cell.textContent = glyph;
    return cell;
  }));
}

/** What a part is called within its definition. A branch keeps its slash: a member may have the same name. */
function partName(part) {
  const name = part.path.slice(items[part.owner].path.length);
  return part.kind === "branch" ? name : name.slice(1);
}

/** The item and release of a cell, where it has them. */
function cellPlace(cell) {
  const item = items[cell.parentElement.dataset.item];
  return { item, column: cell.cellIndex - 1, release: drawn.columns[cell.cellIndex - 1] };
}

const visibleRows = () => [...byId("grid").rows].filter((row) => !row.hidden && !row.classList.contains("group"));

const reachableCell = () => byId("grid").querySelector("[tabindex='0']");

/** One cell can be reached with Tab: the one that had the focus last, or the first. */
function keepReachable() {
  reachableCell()?.removeAttribute("tabindex");
  const rows = visibleRows();
  const row = rows.find((row) => drawn.item && items[row.dataset.item] === drawn.item) ?? rows[1] ?? rows[0];
  row.cells[Math.min(drawn.column + 1, drawn.columns.length)].tabIndex = 0;
}

/** Moves the focus to a cell. */
function focusCell(cell) {
  reachableCell()?.removeAttribute("tabindex");
  cell.tabIndex = 0;
  cell.focus();
}

/** Remembers the cell that has got the focus, and says what it shows. */
function enterCell(cell) {
  const { item, column, release } = cellPlace(cell);
  Object.assign(drawn, { item, column });
  describeCell(cell);
  if (item && release !== undefined) cell.setAttribute("aria-label", cellWords(item, release, drawn.state));
}

function describeCell(cell) {
  const { item, release } = cellPlace(cell);
  byId("cell").textContent = item === undefined ? ""
    : release === undefined ? [item.path, item.summary?.replaceAll("`", "")].filter(Boolean).join(": ")
    : cellWords(item, release, drawn.state);
}

/** Where a key leads from a cell, or nothing. */
function cellAfter(cell, key, control) {
  const rows = visibleRows();
  const row = rows.indexOf(cell.parentElement);
  const page = Math.max(1, Math.floor(byId("scroller").clientHeight / cell.offsetHeight) - 3);
  const at = (line, column) => {
    const cells = rows[Math.min(Math.max(line, 0), rows.length - 1)].cells;
    return cells[Math.min(Math.max(column, 0), cells.length - 1)];
  };
  const column = cell.cellIndex;
  switch (key) {
    case "ArrowUp": return at(row - 1, column);
    case "ArrowDown": return at(row + 1, column);
    case "ArrowLeft": return at(row, column - 1);
    case "ArrowRight": return at(row, column + 1);
    case "PageUp": return at(row - page, column);
    case "PageDown": return at(row + page, column);
    case "Home": return at(control ? 0 : row, 0);
    case "End": return at(control ? rows.length - 1 : row, drawn.columns.length);
    default: return undefined;
  }
}

