// Numbers as the page writes them: a sign in front, a true minus, never a colour alone.

export const plain = (value, digits = 2) =>
  Number.isFinite(value)
    ? value
        .toFixed(digits)
        .replace(/^-(?=[0.]*$)/, '')
        .replace('-', '−')
    : '–';
export const signed = (value, digits = 2) => {
  if (!Number.isFinite(value)) return '–';
  const text = value.toFixed(digits);
  if (Number(text) === 0) return Math.abs(value) > 0 ? (0).toFixed(digits) : '0';
  return (value > 0 ? '+' : '') + text.replace('-', '−');
};
export const percent = (value, digits = 0) => `${plain(100 * value, digits)} %`;
export const polarity = (value) => (value > 0 ? 'positive' : value < 0 ? 'negative' : 'zero');
export const sigmoid = (x) => 1 / (1 + Math.exp(-x));
export const quote = (text) => `“${text}”`;
