// Joins the parts: the address says what is shown, controls change the address.

let state = BLANK;

/** Shows another state. Small steps, such as a letter of a search, replace the last entry of the browser's history. */
function show(next, { replace = false } = {}) {
  const target = address(next);
  if (target === address(state)) return;
  if (replace) {
    history.replaceState(null, "", target);
    draw();
  } else {
    location.hash = target;
  }
}

/** Draws what the address says. */
function draw() {
  const before = state;
  const scroller = byId("scroller");
  const atEnd = scroller.scrollLeft + scroller.clientWidth >= scroller.scrollWidth - 1;
  const { state: read, problems } = readAddress(location.hash);
  state = read;
  const comparing = state.from !== undefined;
  byId("matrix").hidden = comparing;
  byId("compare").hidden = !comparing;
  document.body.classList.toggle("comparing", comparing);
  byId("problem").hidden = !problems.length;
  byId("problem").textContent = problems.join(" ");
  drawControls(comparing);
  if (comparing) drawCompare(state);
  else if (releases.length) drawMatrix(state);
  drawLife(state);
  // The newest releases are what most readers came for.
  if (atEnd) scroller.scrollLeft = scroller.scrollWidth;
  if (state.item !== before.item) byId("grid").querySelector("[aria-selected]:not([hidden])")?.scrollIntoView({ block: "nearest", inline: "nearest" });
  moveFocus(before);
}

function drawControls(comparing) {
  const pair = comparing ? {} : { from: Math.max(0, (eventful.at(-1) ?? newest) - 1), to: Math.max(0, newest) };
  byId("to-matrix").href = address({ ...state, from: undefined, to: undefined });
  byId("to-compare").href = address({ ...state, ...pair });
  const [here, elsewhere] = comparing ? ["to-compare", "to-matrix"] : ["to-matrix", "to-compare"];
  byId(here).setAttribute("aria-current", "page");
  byId(elsewhere).removeAttribute("aria-current");
  if (byId("search").value.trim() !== state.q.trim()) byId("search").value = state.q;
  setChoices(byId("kinds"), state.kind);
  setChoices(byId("wires"), state.wire);
  byId("platform").value = state.platform ?? "";
  byId("changed").value = state.changed ?? "";
  byId("parts").checked = state.parts;
  byId("columns").checked = state.columns;
  const set = [state.kind.length, state.platform !== undefined, state.changed !== undefined && !comparing, state.wire.length && comparing];
  const count = set.filter(Boolean).length;
  byId("active").textContent = count ? `(${count} set)` : "";
  byId("reset").disabled = !isFiltered(state) && !state.wire.length;
  const shown = comparing ? `${releases[state.from]} → ${releases[state.to]}` : state.item;
  document.title = [shown, data.title].filter(Boolean).join(" · ");
}

/** A life that opens is read next; one that closes gives the focus back. */
function moveFocus(before) {
  if (state.item && state.item !== before.item) {
    byId("life-heading").focus();
  } else if (before.item && !state.item) {
    ((state.from === undefined && reachableCell()) || byId("view")).focus();
  }
}

function fillControls() {
  const count = (kind) => items.filter((item) => item.kind === kind).length;
  fillChoices(byId("kinds"), kinds.map((kind) => [kind, kind, counted(count(kind), kind)]));
  fillChoices(byId("wires"), wires.map((wire) => [wire, wire]));
  const option = (value, label) => make("option", { value }, label);
  byId("platform").append(option("", "any system"), ...data.platforms.map((name, at) => option(at, name)));
  byId("changed").append(option("", "any release"), ...[...eventful].reverse().map((at) => option(at, releases[at])));
  for (const select of [byId("from"), byId("to")]) select.append(...releases.map((name, at) => option(at, name)).reverse());
  const parts = items.filter((item) => !isDefinition(item)).length;
  byId("summary").textContent = releases.length === 0 ? "No releases."
    : `${counted(releases.length, "release")}, ${releases[0]} to ${releases[newest]} · ${counted(count("command"), "command")}, `
      + `${counted(items.length - parts - count("command") - count("event"), "type")}, ${counted(parts, "part")}`;
  // On a small screen the filters would hide what they filter.
  if (matchMedia("(max-width: 60rem)").matches) byId("more").open = false;
}

function listen() {
  addEventListener("hashchange", draw);
  const change = (id, next) => byId(id).addEventListener("change", (event) => show({ ...state, ...next(event.target, byId(id)) }));
  const number = (text) => (text === "" ? undefined : Number(text));
  byId("search").addEventListener("input", (event) => show({ ...state, q: event.target.value }, { replace: true }));
  change("kinds", (_, group) => ({ kind: choicesIn(group) }));
  change("wires", (_, group) => ({ wire: choicesIn(group) }));
  change("platform", ({ value }) => ({ platform: number(value) }));
  change("changed", ({ value }) => ({ changed: number(value) }));
  change("parts", ({ checked }) => ({ parts: checked }));
  change("columns", ({ checked }) => ({ columns: checked }));
  change("from", ({ value }) => ({ from: Number(value) }));
  change("to", ({ value }) => ({ to: Number(value) }));
  byId("swap").addEventListener("click", () => show({ ...state, from: state.to, to: state.from }));
  byId("reset").addEventListener("click", () => {
    const { from, to, item, parts, columns } = state;
    show({ ...BLANK, from, to, item, parts, columns });
    byId("search").focus();
  });
  byId("filters").addEventListener("submit", (event) => {
    event.preventDefault();
    enterResults();
  });
  // A fragment of the address would be taken for a state.
  byId("skip").addEventListener("click", (event) => {
    event.preventDefault();
    enterResults();
  });
  byId("search").addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown") enterResults();
  });
  addEventListener("keydown", onKey);
  listenToGrid(byId("grid"));
}

/** From the filters to the first of what they let through. */
function enterResults() {
  const cell = state.from === undefined && byId("grid").querySelector("tr[data-item]:not([hidden]) th");
  if (cell) focusCell(cell);
  else (byId("changes").querySelector("a") ?? byId("view")).focus();
}

function onKey(event) {
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  const typing = event.target.matches("input[type=search], select, textarea");
  if (event.key === "/" && !typing) {
    event.preventDefault();
    byId("search").focus();
    byId("search").select();
  } else if (event.key === "Escape" && state.item && !typing) {
    show({ ...state, item: undefined });
  }
}

function listenToGrid(grid) {
  const cellOf = (target) => target.closest?.("th, td");
  grid.addEventListener("focusin", ({ target }) => target.matches("th, td") && enterCell(target));
  grid.addEventListener("pointerover", ({ target }) => cellOf(target) && describeCell(cellOf(target)));
  grid.addEventListener("click", (event) => {
    const cell = cellOf(event.target);
    if (!cell) return;
    const { item } = cellPlace(cell);
    if (event.target.closest(".toggle")) toggleParts(item);
    else if (item && !event.target.closest("a")) show({ ...state, item: item.path });
  });
  grid.addEventListener("keydown", (event) => {
    const cell = event.target;
    if (!cell.matches("th, td") || event.altKey || event.metaKey) return;
    const { item } = cellPlace(cell);
    const next = cellAfter(cell, event.key, event.ctrlKey);
    if (next) focusCell(next);
    else if (event.key === "Enter" && cell.querySelector("a")) cell.querySelector("a").click();
    else if (event.key === "Enter" && item) show({ ...state, item: item.path });
    else if (event.key === " " && item?.parts.length) toggleParts(item);
    else if (event.key !== " ") return;
    event.preventDefault();
  });
}

/** Shows or hides the parts of a definition, with the focus where it was. */
function toggleParts(item) {
  if (!opened.delete(item)) opened.add(item);
  drawn.item = item;
  drawMatrix(state);
  reachableCell().focus();
}

fillControls();
drawRules();
listen();
draw();
