// The embedded data, and what can be looked up in it. Nothing here touches the page.

const data = JSON.parse(document.getElementById("data").textContent);

/** Names of the releases, oldest first. Everything else names a release by its place in this list. */
const releases = data.releases;
const newest = releases.length - 1;

const items = data.items.map((item, index) => ({ ...item, index, parts: [] }));
for (const item of items) {
  if (item.owner !== undefined) items[item.owner].parts.push(item);
}
const itemAt = new Map(items.map((item) => [item.path, item]));

/** Kinds of item in the order in which they are shown, without those the schema has none of. */
const kinds = ["command", "event", "struct", "enum", "union", "alternate", "argument", "member", "value", "branch"]
  .filter((kind) => items.some((item) => item.kind === kind));

/** Whether an item is defined at top level. */
const isDefinition = (item) => item.owner === undefined;

/** The release that people write as `name`, or undefined: `10.0` and `10.0.0` are one. */
function releaseNamed(name) {
  const at = releases.indexOf(name.replace(/^v/, "").replace(/^(\d+\.\d+)\.0$/, "$1"));
  return at < 0 ? undefined : at;
}

/** What an item is in a release: the last span that begins no later. */
function spanAt(item, release) {
  return item.spans.findLast((span) => span.from <= release);
}

/** What an item was when it was last there. */
function newestFacts(item) {
  return item.spans.findLast((span) => span.facts)?.facts;
}

/** What happens to an item with a release: "added", "changed", "removed", or nothing. */
function eventAt(item, release) {
  const at = item.spans.findIndex((span) => span.from === release);
  // Whether the oldest release known was the first to have something is not known.
  if (at < 0 || release === 0) return undefined;
  if (!item.spans[at].facts) return "removed";
  return item.spans[at - 1]?.facts ? "changed" : "added";
}

/** Releases with which anything happens to any item. */
const eventful = releases.map((_, release) => release).filter((release) => items.some((item) => eventAt(item, release)));

/** Names of all types that an item ever had. */
const typesOf = (item) => new Set(item.spans.flatMap((span) => span.facts?.type ?? []));

/** "no", "some" or "all": which builds for a platform have an item that is as `facts` say. */
function presence(item, facts, release, platform) {
  const of = (known) => (known?.condition === undefined ? "all" : data.conditions[known.condition].builds[platform]);
  const owner = isDefinition(item) ? undefined : spanAt(items[item.owner], release)?.facts;
  const both = [of(facts), of(owner)];
  return ["no", "some", "all"].find((word) => both.includes(word));
}

/** The class of a schema at an item: schemas of one class have the same changes there. */
function classOf(item, schema) {
  return item.classes?.findLast(([from]) => from <= schema)?.[1];
}

/** The changes from one release to another, the gravest first, then by path. */
function changesBetween(from, to) {
  const [old, now] = [data.schemas[from], data.schemas[to]];
  const changes = items.flatMap((item) => {
    const [start, end] = [classOf(item, old), classOf(item, now)];
    const move = item.moves?.find(([a, b]) => a === start && b === end);
    return (move?.[2] ?? []).map((change) => ({ ...change, at: item, rule: data.rules[change.rule] }));
  });
  const gravity = ({ rule }) => (rule.breaking ? data.bumps.length : 0) + rule.api;
  return changes.sort((one, other) => gravity(other) - gravity(one));
}

/** The bump that all of `changes` together ask for, as a word. */
function bumpFor(changes) {
  return data.bumps[Math.max(0, ...changes.map((change) => change.rule.api))];
}

/** The same report as `schema diff --format json` writes. */
function diffReport(from, to) {
  const changes = changesBetween(releaseNamed(from), releaseNamed(to));
  return {
    from,
    to,
    breaking: changes.filter((change) => change.rule.breaking).length,
    bump: bumpFor(changes),
    changes: changes.map(({ at, item, verb, detail = "", rule, argument, result, used_by: users = [] }) => ({
      path: at.path,
      item,
      change: verb,
      detail,
      rule: rule.name,
      direction: { argument, result },
      wire: rule.wire,
      api: data.bumps[rule.api],
      effect: rule.effect,
      used_by: users.map((user) => items[user].path),
    })),
  };
}

/** For programs that drive the page. */
globalThis.schemaReport = Object.freeze({ releases: Object.freeze([...releases]), diff: diffReport });

