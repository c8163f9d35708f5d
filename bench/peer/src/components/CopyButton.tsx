import { useState } from "react";

export function CopyButton({ label, text }: { label: string; text: string }) {
  const [result, setResult] = useState("");
  const copy = () =>
    navigator.clipboard.writeText(text).then(
      () => setResult("Copied"),
      () => setResult("The browser refused to copy it."),
    );
  return (
    <>
      <button className="button button-small" type="button" onClick={copy}>{label}</button>
      <span role="status">{result}</span>
    </>
  );
}
