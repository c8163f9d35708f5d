import type { ReactNode } from "react";
import { Icon, WARNING } from "../components/Icon";
import { useTitle } from "../title";

/** Something went wrong. */
export function Message({ heading, text, children }: { heading: string; text?: string; children?: ReactNode }) {
  useTitle("Error");
  return (
    <div className="text stack-wide">
      <h1>{heading}</h1>
      {text && (
        <div className="alert" role="alert">
          <p><Icon path={WARNING} />{text}</p>
        </div>
      )}
      {children && <div className="actions">{children}</div>}
    </div>
  );
}
