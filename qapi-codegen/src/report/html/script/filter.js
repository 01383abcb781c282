// Which items a state of the page lets through.

const textOf = new Map(items.map((item) =>
  [item, [item.path, ...typesOf(item), item.summary ?? ""].join("\n").toLowerCase()]));

const termsIn = (q) => q.toLowerCase().split(/\s+/).filter(Boolean);

/** Whether any filter is set that concerns items. */
function isFiltered(state) {
  return Boolean(state.q.trim() || state.kind.length || state.platform !== undefined || state.changed !== undefined);
}

/** Whether search, kind and platform let an item through. */
function isMeant(item, state, terms = termsIn(state.q)) {
  if (state.kind.length && !state.kind.includes(item.kind)) return false;
  if (!terms.every((term) => textOf.get(item).includes(term))) return false;
  return state.platform === undefined || presence(item, newestFacts(item), newest, state.platform) !== "no";
}

/** Whether an item is let through by everything. */
function isShown(item, state, terms) {
  if (state.changed !== undefined && !eventAt(item, state.changed)) return false;
  return isMeant(item, state, terms);
}

/** The definitions to show: each with the parts to show, how many of them were meant, and whether they are unfolded. */
function selectRows(state, opened) {
  const terms = termsIn(state.q);
  const filtered = isFiltered(state);
  const rows = [];
  for (const item of items.filter(isDefinition)) {
    const own = isShown(item, state, terms);
    const meant = filtered ? item.parts.filter((part) => isShown(part, state, terms)) : item.parts;
    if (!own && !meant.length) continue;
    // Parts are shown if asked for, and where they are what was looked for.
    const isNew = state.changed !== undefined && eventAt(item, state.changed) === "added";
    const sought = state.kind.length ? item.parts.some((part) => state.kind.includes(part.kind)) : state.changed !== undefined && !isNew;
    const asked = opened.has(item) !== state.parts;
    const parts = asked && own ? item.parts : asked || !own || sought ? meant : [];
    // Whatever else is hidden, the part whose life is shown has its row.
    const chosen = item.parts.filter((part) => part.path === state.item);
    rows.push({ item, parts: parts.length ? parts : chosen, meant: meant.length, open: parts.length > 0 });
  }
  return rows;
}

