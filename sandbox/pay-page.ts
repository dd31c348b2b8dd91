import { testCards } from './cards.ts'
import type { Session } from './desk.ts'

/** The page on which a shopper chooses the card. */
export function cardPage(session: Session, error?: string): string {
  const cards = testCards.map(
    (card, index) => `
      <label class="card"><input type="radio" name="card" value="${card.token}" required${index === 0 ? ' checked' : ''}>
        <span class="plate" aria-hidden="true"><i></i></span>
        <span class="words"><b>${card.name}</b> <span class="digits">•••• ${card.digits}</span><br><small>${card.says}</small></span></label>`,
  )
  return layout(
    `Pay ${amountOf(session)}`,
    session,
    error,
    `<form method="post">
      <fieldset><legend>Choose a test card</legend>${cards.join('')}</fieldset>
      <button type="submit">Pay ${amountOf(session)}</button>
    </form>
    <p class="back"><a href="${escape(session.return_url)}">Back to the shop without paying</a></p>`,
  )
}

/** The page on which the card's bank asks whether it is really the shopper (3-D Secure). */
export function challengePage(session: Session, error?: string): string {
  return layout(
    'Is it you?',
    session,
    error,
    `<p>Your bank asks you to confirm this payment. In the real world it would send a code to your phone; here a click is enough.</p>
    <form method="post">
      <button type="submit" name="decision" value="confirm">Yes, pay ${amountOf(session)}</button>
      <button type="submit" name="decision" value="fail" class="quiet">No, I did not order this</button>
    </form>`,
  )
}

/** The page of a payment that the shop has given up. */
export function closedPage(session: Session): string {
  return layout(
    'This payment was cancelled',
    session,
    undefined,
    `<p>The shop does not wait for it any more. Nothing was charged.</p><p class="back"><a href="${escape(session.return_url)}">Back to the shop</a></p>`,
  )
}

function amountOf(session: Session): string {
  const format = new Intl.NumberFormat('en', { style: 'currency', currency: session.currency })
  return format.format(session.amount_minor / 10 ** (format.resolvedOptions().maximumFractionDigits ?? 2))
}

function layout(title: string, session: Session, error: string | undefined, body: string): string {
  const problem = error === undefined ? '' : `<p class="problem" role="alert">${escape(error)}</p>`
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${escape(title)} · Sandbox Pay</title>
<style>${STYLE}</style>
</head>
<body>
<header><span class="mark" aria-hidden="true"></span>Sandbox Pay<span class="tag">test mode</span></header>
<main>
<h1>${escape(title)}</h1>
<p class="order">Order <span>${escape(session.order_id.length > 13 ? `…${session.order_id.slice(-12)}` : session.order_id)}</span> · ${amountOf(session)}</p>
${problem}${body}
</main>
<footer>No real card, no real money: this page stands in for a payment provider.</footer>
</body>
</html>`
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;').replaceAll("'", '&#39;')
}

const STYLE = `
:root{color-scheme:light dark;--ground:#eef0f6;--raised:#fff;--ink:#161b2e;--soft:#555d75;--line:#c9cede;--press:#3b3fa8;--on:#fff;--bad:#a3222f}
@media (prefers-color-scheme:dark){:root{--ground:#0e111c;--raised:#181c2b;--ink:#eef0fa;--soft:#a4acc4;--line:#343b54;--press:#aab0ff;--on:#12142e;--bad:#ff9a9f}}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;background:var(--ground);color:var(--ink);font:16px/1.5 system-ui,sans-serif;display:flex;flex-direction:column;align-items:center;padding:24px 16px}
header,main,footer{width:100%;max-width:440px}
header{display:flex;align-items:center;gap:10px;font-weight:650;letter-spacing:-.01em;margin:2vh 0 16px}
.mark{width:22px;height:22px;border-radius:50%;background:conic-gradient(from 210deg,var(--press) 0 62%,transparent 62% 70%,var(--press) 70%)}
.tag{margin-left:auto;font-size:13px;font-weight:500;color:var(--soft);border:1px solid var(--line);border-radius:99px;padding:1px 10px}
main{background:var(--raised);border-radius:14px;padding:28px 24px;box-shadow:0 1px 2px #0b102014,0 12px 32px -12px #0b102026}
h1{font-size:28px;line-height:1.15;letter-spacing:-.02em;margin:0;font-variant-numeric:tabular-nums}
.order{margin:6px 0 20px;color:var(--soft);font-size:15px;font-variant-numeric:tabular-nums}
fieldset{border:0;margin:0 0 20px;padding:0}
legend{font-size:15px;font-weight:600;padding:0;margin-bottom:8px}
.card{display:flex;align-items:center;gap:12px;padding:12px;border:1px solid var(--line);margin-top:-1px;cursor:pointer}
.card:first-of-type{border-radius:10px 10px 0 0}.card:last-of-type{border-radius:0 0 10px 10px}
.card:has(:checked){border-color:var(--press);box-shadow:inset 0 0 0 1px var(--press);position:relative}
.card:has(:focus-visible){outline:3px solid var(--press);outline-offset:2px;position:relative;z-index:1}
input{accent-color:var(--press);width:18px;height:18px;margin:0;flex:none}
.plate{width:38px;height:26px;border-radius:5px;background:linear-gradient(135deg,#5a61d8,#2c2f86);padding:7px 6px;flex:none}
.plate i{display:block;width:9px;height:7px;border-radius:2px;background:#f3d38a}
.card:nth-of-type(n+5) .plate{background:linear-gradient(135deg,#8c93a8,#4c5266)}
.digits{white-space:nowrap;color:var(--soft);font-variant-numeric:tabular-nums}
small{font-size:14px;color:var(--soft)}
button{display:block;width:100%;font:inherit;font-weight:600;padding:13px 16px;border-radius:10px;border:1px solid var(--press);background:var(--press);color:var(--on);cursor:pointer}
button+button{margin-top:10px}
button.quiet{background:none;color:var(--ink);border-color:var(--line);font-weight:500}
button:focus-visible,a:focus-visible{outline:3px solid var(--press);outline-offset:2px}
a{color:var(--press)}
.back{margin:16px 0 0;text-align:center;font-size:15px}
.problem{border-left:3px solid var(--bad);padding:4px 12px;color:var(--bad);font-weight:600}
footer{margin-top:16px;font-size:14px;color:var(--soft);text-align:center}
`
