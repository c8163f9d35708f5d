import { type ReactNode, useState } from "react";
import { type Account, accountName, type Campaigns, type Counts, type Fetched, type Lists, useApi } from "../api";
import { Lasts } from "../components/Lasts";
import { Moment } from "../components/Moment";
import { useSession } from "../session";
import { useTitle } from "../title";
import { campaignStatus } from "../words";

const number = new Intl.NumberFormat();

/** The account at a glance. */
export default function Overview() {
  useTitle("Overview");
  const account = useApi<Account>("/account/summary?extra_fields=physical_address,company_logo");
  const counts = useApi<Counts>("/contacts/counts");
  const lists = useApi<Lists>("/contact_lists?include_count=true&limit=1");
  const campaigns = useApi<Campaigns>("/emails?limit=5");
  return (
    <>
      <h1>Overview</h1>
      <Lasts />
      <div className="page-body overview">
        <Card scope="account_read" fetched={account} show={(value) => <AccountFacts account={value} />} />
        <div className="stack-wide">
          <div className="figures">
            <Card scope="contact_data" heading="Contacts" fetched={counts} show={(value) => <Contacts counts={value} />} />
            <Card
              scope="contact_data"
              heading="Lists"
              fetched={lists}
              show={({ lists_count }) => (
                <>
                  <p className="figure-value">{number.format(lists_count ?? 0)}</p>
                  <p className="hint">to group contacts by</p>
                </>
              )}
            />
          </div>
          <Card
            scope="campaign_data"
            heading="Latest campaigns"
            fetched={campaigns}
            show={(value) => <LatestCampaigns {...value} />}
          />
        </div>
      </div>
    </>
  );
}

/** A card in each of its states: not allowed, loading, an error, the answer. */
function Card<T>(props: { scope: string; heading?: string; fetched: Fetched<T>; show: (value: T) => ReactNode }) {
  const { scope, heading, fetched, show } = props;
  const { connection } = useSession();
  const allowed = connection?.granted.includes(scope) ?? false;
  return (
    <section className="card" aria-busy={allowed && fetched.state === "loading" ? true : undefined}>
      {heading && <h2>{heading}</h2>}
      {!allowed && <p className="empty">Not allowed for this connection.</p>}
      {allowed && fetched.state === "loading" && <Loading />}
      {allowed && fetched.state === "failed" && (
        <div className="alert" role="alert"><p>This could not be fetched (status {fetched.status}).</p></div>
      )}
      {allowed && fetched.state === "ready" && show(fetched.value)}
    </section>
  );
}

function Loading() {
  return (
    <>
      <p className="visually-hidden" role="status">Loading</p>
      <div className="late" aria-hidden="true">
        <span className="bone bone-figure w-40" />
        <span className="bone bone-small w-80" />
      </div>
    </>
  );
}

function AccountFacts({ account }: { account: Account }) {
  const name = accountName(account);
  const { contact_email: mail, website, organization_phone: phone, time_zone_id: zone } = account;
  const none = <dd className="hint">None given</dd>;
  const link = website && (website.includes("://") ? website : `https://${website}`);
  return (
    <>
      <div className="account-head">
        <Logo url={account.company_logo?.url} name={name ?? "?"} />
        <div>
          <h2>{name ?? "Account without a name"}</h2>
          <p className="hint">Constant Contact account</p>
        </div>
      </div>
      <dl className="facts">
        <div><dt>Contact e-mail</dt>{mail ? <dd><a href={`mailto:${mail}`}>{mail}</a></dd> : none}</div>
        <div>
          <dt>Website</dt>
          {link && URL.canParse(link) ? <dd><a href={link} rel="noreferrer noopener">{website}</a></dd> : none}
        </div>
        <div><dt>Phone</dt>{phone ? <dd>{phone}</dd> : none}</div>
        <div><dt>Time zone</dt>{zone ? <dd>{zone} <TimeThere zone={zone} /></dd> : none}</div>
        <Address address={account.physical_address} />
      </dl>
    </>
  );
}

function TimeThere({ zone }: { zone: string }) {
  try {
    const time = new Intl.DateTimeFormat(undefined, { timeStyle: "short", timeZone: zone }).format();
    return <span className="hint nowrap">{time} there now</span>;
  } catch {
    return null;
  }
}

function Address({ address }: { address: Account["physical_address"] }) {
  if (!address) return null;
  const town = [address.city, address.state_code ?? address.state_name, address.postal_code].filter(Boolean).join(" ");
  const lines = [address.address_line1, address.address_line2, address.address_line3, town, address.country_code];
  return (
    <div>
      <dt>Address</dt>
      <dd>
        <address>
          {lines.filter(Boolean).map((line, index) => (
            <span key={line}>{index > 0 && <br />}{line}</span>
          ))}
        </address>
      </dd>
    </div>
  );
}

/** The logo, or the initials where there is none or it does not load. */
function Logo({ url, name }: { url: string | undefined; name: string }) {
  const [broken, setBroken] = useState(!url);
  if (broken) {
    const initials = name.split(/\s+/).map((word) => word[0]?.toUpperCase()).slice(0, 2).join("");
    return <span className="logo logo-initials" aria-hidden="true">{initials}</span>;
  }
  return (
    <img
      className="logo"
      src={url}
      width="56"
      height="56"
      alt=""
      referrerPolicy="no-referrer"
      onError={() => setBroken(true)}
    />
  );
}

function Contacts({ counts }: { counts: Counts }) {
  const hint = counts.total === 0
    ? "No contacts yet"
    : `${number.format(counts.explicit + counts.implicit)} with permission to be sent e-mail`;
  return (
    <>
      <p className="figure-value">{number.format(counts.total)}</p>
      <p className="hint">{hint}</p>
    </>
  );
}

function LatestCampaigns({ campaigns }: Campaigns) {
  if (campaigns.length === 0) {
    return (
      <p className="empty">No campaigns yet. The first one you write at Constant Contact will be shown here.</p>
    );
  }
  return (
    <ul className="rows">
      {campaigns.map(({ campaign_id, name, current_status, updated_at }) => {
        const [word, looks] = campaignStatus(current_status ?? "");
        return (
          <li key={campaign_id}>
            <span>
              {name ?? "Without a name"}
              {updated_at && (
                <>
                  <br />
                  <span className="hint"><Moment at={Date.parse(updated_at)} as="date" /></span>
                </>
              )}
            </span>{" "}
            {word && <span className={looks}>{word}</span>}
          </li>
        );
      })}
    </ul>
  );
}
