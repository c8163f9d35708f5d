import { startTransition, useEffect, useState } from "react";
import { useNavigate } from "react-router";
import type { Config } from "../config";
import { connect } from "../connect";
import type { Connection } from "../connection";
import type { Response } from "../response";
import { useSession } from "../session";
import { useTitle } from "../title";
import { Message } from "./Message";

// A response may be used only once, and React may run an effect twice.
let outcome: Promise<Connection> | undefined;

async function judge(response: Response, config: Config): Promise<Connection> {
  const { finish } = await import("../finish");
  return finish(response, config);
}

/** While the answer is examined, and what came of it. */
export function Callback({ response }: { response: Response | undefined }) {
  const { config, connected } = useSession();
  const navigate = useNavigate();
  const [failure, setFailure] = useState<Error>();
  useTitle(failure ? "Error" : "Checking");

  useEffect(() => {
    if (!response) {
      setFailure(new Error("There is no answer in this address."));
      return;
    }
    outcome ??= judge(response, config);
    let here = true;
    outcome.then(
      (connection) => {
        if (!here) return;
        startTransition(() => {
          connected(connection);
          void navigate("/", { replace: true });
        });
      },
      (error: unknown) => {
        if (here) setFailure(error instanceof Error ? error : new Error(String(error)));
      },
    );
    return () => {
      here = false;
    };
  }, [response, config, connected, navigate]);

  if (failure) {
    return (
      <Message heading="The connection was not made" text={failure.message || "You chose not to give access."}>
        <button className="button button-primary" type="button" onClick={() => connect(config)}>
          Connect Constant Contact
        </button>
      </Message>
    );
  }
  return (
    <div className="late" role="status">
      <h1>Checking that the answer is genuine…</h1>
    </div>
  );
}
