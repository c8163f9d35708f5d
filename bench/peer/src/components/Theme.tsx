import { useState } from "react";

const KEY = "peer/theme";
const CHOICES = [["system", "System"], ["light", "Light"], ["dark", "Dark"]] as const;

function apply(theme: string | null) {
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
  else delete document.documentElement.dataset.theme;
}

const stored = localStorage.getItem(KEY);
apply(stored);

/** Light or dark: the system's choice unless the user makes one. */
export function Theme() {
  const [current, setCurrent] = useState(stored ?? "system");
  const choose = (theme: string) => {
    apply(theme);
    localStorage.setItem(KEY, theme);
    setCurrent(theme);
  };
  return (
    <fieldset className="theme">
      <legend>Theme</legend>
      {CHOICES.map(([value, label]) => (
        <label key={value}>
          <input
            type="radio"
            name="theme"
            value={value}
            checked={value === current}
            onChange={() => choose(value)}
          />
          <span>{label}</span>
        </label>
      ))}
    </fieldset>
  );
}
