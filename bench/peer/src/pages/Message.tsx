import type { ReactNode } from "react";
import { Icon, WARNING } from "../components/Icon";

/** Something went wrong. */
export function Message({ heading, text, children }: { heading: string; text?: string; children?: ReactNode }) {
  return (
    <div className="text stack-wide">
      <title>Error · CC Connect</title>
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
