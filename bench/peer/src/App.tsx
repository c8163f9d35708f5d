import { lazy, Suspense } from "react";
import { Route, Routes } from "react-router";
import { Frame } from "./components/Frame";
import { Status } from "./components/Status";
import { type Config, NotSetUp } from "./config";
import { Callback } from "./pages/Callback";
import { Connect } from "./pages/Connect";
import { Message } from "./pages/Message";
import type { Response } from "./response";
import { SessionProvider, useSession } from "./session";

const Overview = lazy(() => import("./pages/Overview"));
const Connection = lazy(() => import("./pages/Connection"));
const SetUp = lazy(() => import("./pages/SetUp"));

/** The application, once the settings are there, or what is wrong with them. */
export function App({ settings, response }: { settings: Config | Error; response: Response | undefined }) {
  if (settings instanceof NotSetUp) {
    return (
      <Frame>
        <Suspense>
          <SetUp />
        </Suspense>
      </Frame>
    );
  }
  if (settings instanceof Error) {
    return (
      <Frame>
        <Message heading="This page is not set up correctly" text={settings.message} />
      </Frame>
    );
  }
  return (
    <SessionProvider config={settings}>
      <Frame status={<Status />}>
        <Suspense>
          <Routes>
            <Route index element={<Connected page={<Overview />} />} />
            <Route path="connection" element={<Connected page={<Connection />} />} />
            <Route path="set-up" element={<SetUp />} />
            <Route path="callback" element={<Callback response={response} />} />
            <Route path="*" element={<Message heading="There is no such page" />} />
          </Routes>
        </Suspense>
      </Frame>
    </SessionProvider>
  );
}

/** A page that needs a connection, or the one that offers to make one. */
function Connected({ page }: { page: React.ReactNode }) {
  const { connection } = useSession();
  if (connection === undefined) return null;
  return connection ? page : <Connect />;
}
