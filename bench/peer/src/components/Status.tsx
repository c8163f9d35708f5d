import { NavLink } from "react-router";
import { useSession } from "../session";
import { CONNECTION, Icon, OVERVIEW } from "./Icon";
import { Moment } from "./Moment";

/** The way around, and the connection's state in words. */
export function Status() {
  const { connection } = useSession();
  if (!connection) {
    return (
      <div className="status">
        <span className="badge">Not connected</span>
      </div>
    );
  }
  return (
    <>
      <nav className="nav" aria-label="Main">
        <ul>
          <li><NavLink to="/" end><Icon path={OVERVIEW} />Overview</NavLink></li>
          <li><NavLink to="/connection"><Icon path={CONNECTION} />Connection</NavLink></li>
        </ul>
      </nav>
      <div className="status">
        <span className="badge badge-good">
          Connected until <Moment at={connection.claims.exp * 1000} />
        </span>
      </div>
    </>
  );
}
