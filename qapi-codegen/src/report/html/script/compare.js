// What changed between two releases.

const WIRE_SIGNS = { breaking: "✕", new: "+", compatible: "✓", unchanged: "=" };

function drawCompare(state) {
  byId("from").value = state.from;
  byId("to").value = state.to;
  const all = changesBetween(state.from, state.to);
  const terms = termsIn(state.q);
  const meant = all.filter(({ at, rule }) =>
    isMeant(at, { ...state, changed: undefined }, terms) && (!state.wire.length || state.wire.includes(rule.wire)));
  byId("verdict").replaceChildren(...verdict(state, all));
  const groups = new Map(meant.map(({ rule }) => [rule, []]));
  for (const change of meant) groups.get(change.rule).push(change);
  byId("changes").replaceChildren(...[...groups].map(([rule, changes]) => ruleGroup(rule, changes, state)));
  for (const label of byId("wires").querySelectorAll("label")) {
    const { value } = label.querySelector("input");
    label.querySelector("span").textContent = `${value} ${all.filter((change) => change.rule.wire === value).length}`;
  }
  byId("count").textContent = meant.length === all.length
    ? counted(all.length, "change") : `${meant.length} of ${counted(all.length, "change")}`;
}

function verdict(state, changes) {
  const names = make("strong", {}, `${releases[state.from]} → ${releases[state.to]}: `);
  if (!changes.length) return [names, "no changes. Agents of both releases speak alike."];
  const breaking = changes.filter((change) => change.rule.breaking).length;
  const bump = bumpFor(changes);
  return [
    names,
    `${counted(changes.length, "change")}, ${breaking ? `${breaking} breaking` : "none breaking"}; `,
    bump === data.bumps[0] ? "bindings need no release." : `bindings that learn of it need a ${bump} release.`,
    state.from > state.to ? " This is the way back, from a newer release to an older one." : "",
  ];
}

/** What one rule says, and every change it says it of. */
function ruleGroup(rule, changes, state) {
  const sign = WIRE_SIGNS[rule.wire] ?? "";
  return make("section", { class: rule.breaking && "grave", "data-rule": rule.name },
    make("h3", {},
      make("span", { class: `wire ${rule.wire}`, title: "effect on the wire" }, `${sign} ${rule.wire}`.trim()),
      make("span", { class: "api", title: "version bump of the bindings" }, data.bumps[rule.api]),
      make("span", { class: "effect" }, `${rule.effect[0].toUpperCase()}${rule.effect.slice(1)}`),
      make("code", { class: "kind" }, rule.name)),
    make("ul", {}, ...(rule.name === "condition-changed" ? conditionEntries(changes, state) : changes.map((change) => changeEntry(change, state)))));
}

/** Conditions change in crowds: one entry for each pair of conditions, with everything that went that way. */
function conditionEntries(changes, state) {
  const ways = new Map(changes.map(({ detail }) => [detail, []]));
  for (const change of changes) ways.get(change.detail).push(change);
  return [...ways].map(([detail, group]) => make("li", {},
    make("span", { class: "verb changed" }, "changed"),
    make("div", {},
      make("span", { class: "detail" }, detail.replace("->", "→")),
      make("span", { class: "kind" }, ` · ${counted(group.length, "item")}`),
      make("ul", { class: "crowd" }, ...group.map(({ at }) =>
        make("li", { "data-path": at.path }, linkTo({ ...state, item: at.path }, { class: "name" }, at.path)))))));
}

function changeEntry({ at, item, verb, detail, argument, result, used_by: users = [] }, state) {
  const way = [argument && "argument", result && "result"].filter(Boolean).join(" and ");
  const links = users.flatMap((user, index) => [index > 0 && ", ", linkTo({ ...state, item: items[user].path }, {}, items[user].path)]);
  return make("li", { "data-path": at.path },
    make("span", { class: `verb ${verb}` }, verb),
    make("div", {},
      make("span", { class: "kind" }, item), " ",
      linkTo({ ...state, item: at.path }, { class: "name" }, at.path),
      detail && make("span", { class: "detail" }, ` ${detail.replace("->", "→")}`),
      users.length > 0 && make("span", { class: "way" }, ` · ${way || "part"} of `, links)));
}

/** The whole table of rules, for who wants to know what there is. */
function drawRules() {
  const head = make("thead", {}, make("tr", {}, ...["Rule", "Wire", "Bindings", "Meaning"].map((word) => make("th", { scope: "col" }, word))));
  const rows = data.rules.map((rule) => make("tr", {},
    make("th", { scope: "row" }, rule.name), make("td", {}, rule.wire), make("td", {}, data.bumps[rule.api]), make("td", {}, rule.effect)));
  byId("rules").replaceChildren(make("caption", { class: "unseen" }, "Rules"), head, make("tbody", {}, ...rows));
}

