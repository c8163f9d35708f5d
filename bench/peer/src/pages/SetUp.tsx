import { CopyButton } from "../components/CopyButton";
import { defaultRedirectUri } from "../config";
import { useTitle } from "../title";

const CONFIG = `{\n  "client_id": "your API key",\n  "response_type": "code"\n}`;

/** How to register the application and tell it its API key. */
export default function SetUp() {
  useTitle("Set up");
  return (
    <div className="text stack-wide">
      <div>
        <h1>Set up</h1>
        <p className="lede">
          Tell Constant Contact about this page, then tell this page its API key. It takes about five minutes.
        </p>
      </div>
      <ol className="steps">
        <li>
          <h2>Create the application</h2>
          <p>
            Sign in at the{" "}
            <a href="https://developer.constantcontact.com/" rel="noreferrer">Constant Contact developer portal</a>, open{" "}
            <strong>My Applications</strong> and choose <strong>New Application</strong>. Its name is what people see when
            they are asked for access; it may not contain “Constant Contact”.
          </p>
        </li>
        <li>
          <h2>Choose the OAuth2 setting</h2>
          <p>
            Choose <strong>Proof Key for Code Exchange (PKCE) Flow</strong>. It is what Constant Contact recommends.
          </p>
          <p>
            If you have to use an application whose setting is{" "}
            <strong>Authorization Code Flow and Implicit Flow</strong>, leave the line <code>"response_type"</code> out of
            the file below. Connections then end after eight hours. One setting never works in place of the other.
          </p>
        </li>
        <li>
          <h2>Register the redirect URI</h2>
          <p>Enter it exactly as it stands here, to the last letter:</p>
          <div className="copy">
            <code id="redirect-uri">{defaultRedirectUri}</code>
            <CopyButton label="Copy redirect URI" text={defaultRedirectUri} />
          </div>
        </li>
        <li>
          <h2>Write config.json</h2>
          <p>
            Put your API key in place of the words and save the file beside <code>index.html</code>. The API key is no
            secret. Leave the application’s secret out: this page never needs it.
          </p>
          <div className="copy">
            <pre id="config-json" tabIndex={0} role="group" aria-label="config.json"><code>{CONFIG}</code></pre>
            <CopyButton label="Copy config.json" text={CONFIG} />
          </div>
        </li>
        <li>
          <h2>Reload this page</h2>
          <p>If something in the file is wrong, the page says what, and what to write instead.</p>
          <p className="hint">
            Since July 2026 only the Constant Contact user who created an application can give it access, until Constant
            Contact’s support has approved it.
          </p>
        </li>
      </ol>
    </div>
  );
}
