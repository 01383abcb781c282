// The life of one item, beside whatever else is shown.

function drawLife(state) {
  const panel = byId("life");
  const item = itemAt.get(state.item);
  panel.hidden = !item;
  document.body.classList.toggle("with-life", Boolean(item));
  if (!item) return panel.replaceChildren();
  const facts = newestFacts(item) ?? {};
  const owner = isDefinition(item) ? undefined : items[item.owner];
  panel.replaceChildren(...present([
    make("div", { class: "life-top" },
      make("p", { class: "kind" }, item.kind, owner && [" of ", linkTo({ ...state, item: owner.path }, {}, owner.path)]),
      linkTo({ ...state, item: undefined }, { id: "close", "aria-label": "Close", title: "Close (Esc)" }, "✕")),
    make("h2", { id: "life-heading", tabindex: "-1" }, item.path),
    item.summary && make("p", { class: "summary" }, ...prose(item.summary)),
    make("dl", { class: "facts" }, ...factList(item, facts, state)),
    make("h3", {}, "Life"),
    make("ol", { class: "story" }, ...story(item, state)),
    ...partList(item, state),
    ...userList(item, state),
  ]));
  return undefined;
}

function factList(item, facts, state) {
  const fact = (name, ...value) => make("div", {}, make("dt", {}, name), make("dd", {}, ...value));
  const condition = data.conditions[facts.condition];
  const gone = item.spans.at(-1).facts === undefined;
  const since = item.spans[0].from;
  return [
    fact("There", since === 0 ? `in ${releases[0]}, the oldest release known, ` : `since ${releases[since]} `,
      gone ? `until ${releases[item.spans.at(-1).from]}, which no longer has it` : `and in ${releases[newest]}, the newest`),
    item.usable !== undefined && fact("Taken", `since ${releases[item.usable]}, when this was the only form and had no name`),
    item.kind === "command" ? fact("Returns", facts.type ? typeLink(state, facts.type) : facts.silent ? "no reply on success" : "an empty object")
      : facts.type && fact("Type", typeLink(state, facts.type)),
    ["argument", "member"].includes(item.kind) && fact("Presence", facts.optional ? "may be absent" : "mandatory"),
    facts.discriminator && fact("Selected by", make("code", {}, facts.discriminator)),
    facts.via && fact("Declared in", typeLink(state, facts.via)),
    facts.features?.length > 0 && fact("Features", facts.features.join(", ")),
    condition && fact("Built", `only ${condition.words.replaceAll("`", "")} `, make("code", { class: "code" }, condition.code)),
    buildsFact(item, facts, fact),
  ].filter(Boolean);
}

/** For each platform whether its builds have the item. */
function buildsFact(item, facts, fact) {
  const words = { all: "✓", some: "depends", no: "no" };
  const found = data.platforms.map((name, platform) => [name, presence(item, facts, newest, platform)]);
  if (found.every(([, word]) => word === "all")) return undefined;
  return fact("Platforms", make("ul", { class: "builds" }, ...found.map(([name, word]) => make("li", { class: word }, `${name} ${words[word]}`))));
}

/** Each thing that happened, with the way to everything else that happened with that release. */
function story(item, state) {
  return item.spans.map((span) => {
    const release = releases[span.from];
    const words = span.told.replace("->", "→");
    const told = make("span", {}, ...prose(span.from === 0 ? words.replace(/^added/, "there") : words));
    const event = eventAt(item, span.from) ?? "there";
    return make("li", { class: event },
      span.from === 0 ? make("b", {}, release)
        : linkTo({ ...state, from: span.from - 1, to: span.from }, { title: `everything ${release} changed` }, release),
      told);
  });
}

function partList(item, state) {
  if (!item.parts.length) return [];
  const rows = item.parts.map((part) => {
    const facts = newestFacts(part) ?? {};
    const name = part.path.slice(item.path.length + 1);
    const gone = part.spans.at(-1).facts === undefined;
    return make("li", { class: gone && "gone" },
      linkTo({ ...state, item: part.path }, { class: "name" }, name),
      facts.type && [" ", typeLink(state, facts.type)],
      facts.optional && " optional",
      make("span", { class: "since" }, gone ? ` until ${releases[part.spans.at(-1).from]}`
        : part.spans[0].from > item.spans[0].from ? ` since ${releases[part.spans[0].from]}` : ""),
      part.summary && make("p", {}, ...prose(part.summary)));
  });
  const words = [...new Set(item.parts.map((part) => GROUP_OF_PARTS[part.kind]))].join(" and ");
  return [make("h3", {}, words), make("ul", { class: "parts" }, ...rows)];
}

const GROUP_OF_PARTS = { argument: "Arguments", member: "Members", value: "Values", branch: "Branches" };

/** Items that have this type, in whatever release. */
function userList(item, state) {
  const users = items.filter((user) => user !== item && [...typesOf(user)].some((type) => type === item.path || type === `[${item.path}]`));
  if (!users.length) return [];
  return [make("h3", {}, "Used as the type of"),
    make("ul", { class: "users" }, ...users.map((user) => make("li", {}, linkTo({ ...state, item: user.path }, {}, user.path))))];
}

