/** Style of the API page: the shop's colours, without its fonts, so that the page stands alone. */
export const docsStyle = `
:root{--ground:#faf8f4;--raised:#fff;--sunken:#f1ede5;--ink:#1c1a17;--soft:#5f5a52;--line:#ddd6c9;--accent:#14546b;color-scheme:light dark}
@media(prefers-color-scheme:dark){:root{--ground:#141311;--raised:#1d1b18;--sunken:#0f0e0c;--ink:#f3efe7;--soft:#a9a296;--line:#34302a;--accent:#6fbbd3}}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--ink);font:17px/1.5 system-ui,sans-serif;display:grid;grid-template:auto 1fr/20rem minmax(0,1fr)}
header{grid-column:1/-1;padding:24px 32px;border-bottom:1px solid var(--line)}
h1,h2,h3{font-family:Georgia,serif;font-weight:400;line-height:1.2}
h1{font-size:40px;margin:0 0 8px}h2{font-size:28px;margin:40px 0 8px;text-transform:capitalize}h3{font-size:21px;margin:0 0 8px;overflow-wrap:anywhere}
nav{padding:24px 8px 24px 32px;font-size:13px;overflow:auto;position:sticky;top:0;max-height:100vh}
nav ul{list-style:none;margin:0 0 16px;padding:0}nav p{margin:0 0 4px;text-transform:capitalize;font-size:15px}
nav li a{display:block;padding:4px 0;overflow-wrap:anywhere}
main{padding:0 32px 64px;min-width:0}
a{color:var(--accent)}nav li a{text-decoration:none}nav li a:hover{text-decoration:underline}
a:focus-visible,.table:focus-visible,pre:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
.skip{position:absolute;left:-99em}.skip:focus{left:8px;top:8px;background:var(--raised);padding:8px}
article{background:var(--raised);border:1px solid var(--line);border-radius:2px;padding:24px;margin:16px 0;scroll-margin-top:16px}
.method{font:600 .75em/1 ui-monospace,monospace;color:var(--accent)}
.who{color:var(--soft)}
code,pre{font-family:ui-monospace,monospace;font-size:.9em}
pre{background:var(--sunken);padding:16px;overflow:auto;margin:8px 0 0}
.label{margin:16px 0 0;font-size:15px}
.table{overflow:auto;margin:16px 0 0}
table{border-collapse:collapse;width:100%;font-size:15px}caption{text-align:left;padding:4px 0}
th,td{text-align:left;vertical-align:top;padding:4px 16px 4px 0;border-top:1px solid var(--line);font-weight:400}thead th{color:var(--soft);font-size:13px}
@media(max-width:48rem){body{display:block}nav{position:static;max-height:none;padding:16px}header,main{padding-left:16px;padding-right:16px}article{padding:16px}}
@media print{nav,.skip{display:none}body{display:block}}
`
