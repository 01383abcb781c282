// What has the focus and does not show it, or nothing.
const it = document.activeElement;
if (it === document.body || it === document.documentElement) return null;
// A choice shows the focus of its box.
const shown = it.matches(".choice input") ? it.nextElementSibling : it;
const style = getComputedStyle(shown);
const outlined = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 1;
const { width, height, bottom, right } = shown.getBoundingClientRect();
if (outlined && width > 0 && height > 0 && bottom > 0 && right > 0) return null;
return `${it.tagName}#${it.id}.${it.className} ${style.outlineStyle} ${width}x${height}`;
