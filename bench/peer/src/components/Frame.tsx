import type { ReactNode } from "react";
import { Link } from "react-router";
import { Theme } from "./Theme";

/** The head and the foot of every page. */
export function Frame({ status, children }: { status?: ReactNode; children?: ReactNode }) {
  return (
    <>
      <a className="skip-link" href="#main">Skip to content</a>
      <header className="masthead">
        <div className="bar wrap">
          <Link className="brand" to="/">
            <svg className="brand-mark" viewBox="0 0 32 32" aria-hidden="true">
              <path d="M15.5 9.5a7.5 7.5 0 1 0 0 13M16.5 22.5a7.5 7.5 0 1 0 0-13M12 16h8" />
            </svg>
            CC Connect
          </Link>
          {status ?? <div className="status"><span className="badge">Not connected</span></div>}
        </div>
      </header>
      <main id="main" className="main wrap" tabIndex={-1}>
        <div className="notices" />
        {children}
      </main>
      <footer className="footer">
        <div className="wrap">
          <p>CC Connect runs in this browser alone. <Link to="/set-up">Set up</Link></p>
          <Theme />
        </div>
      </footer>
    </>
  );
}
