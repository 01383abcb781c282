// Texts that stand out from their ground by less than 4.5 to 1, which is what people with weak eyes need.
const numbers = (colour) => colour.match(/[\d.]+/g).map(Number);
const light = ([red, green, blue]) => {
  const linear = (part) => (part /= 255) <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
};
const ground = (element) => {
  for (let at = element; at; at = at.parentElement) {
    const colour = numbers(getComputedStyle(at).backgroundColor);
    if (colour.length < 4 || colour[3] > 0) return colour;
  }
  return [255, 255, 255];
};
const faint = new Map();
for (const element of document.querySelectorAll("body *")) {
  const own = [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim());
  const { width } = element.getBoundingClientRect();
  if (!own || width < 2 || element.closest("script, option") || element.matches(":disabled")) continue;
  const style = getComputedStyle(element);
  const [one, other] = [light(numbers(style.color)), light(ground(element))].sort((a, b) => b - a);
  const ratio = (one + 0.05) / (other + 0.05);
  if (ratio < 4.5) faint.set(`${element.tagName} ${element.className}`, ratio.toFixed(2));
}
return [...faint].map(([what, ratio]) => `${what}: ${ratio}`);
