/** The style sheet of a figure. It lies in the shadow root, where no style of the page reaches. */
import { palette } from "./color.js";

const MONO = `ui-monospace,"SF Mono",Menlo,Consolas,"DejaVu Sans Mono",monospace`;
const SANS = `ui-sans-serif,system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif`;

/**
 * The named colours of a theme as variables.
 * @param {import("../types.js").Theme} theme
 */
function variables(theme) {
  const colors = Object.entries(palette(theme)).filter(([, value]) => typeof value === "string");
  return `${colors.map(([name, value]) => `--${name}:${value}`).join(";")};color-scheme:${theme}`;
}

const HOST = `
:host{all:initial;display:block!important;padding:0!important;border:0!important;outline:0!important;background:none!important;
opacity:1!important;filter:none!important;transform:none!important;visibility:visible!important;columns:auto!important;
box-shadow:none!important;overflow:visible!important;zoom:1!important}
.root{all:initial;direction:ltr;display:block;box-sizing:border-box;padding:14px 16px;border-radius:5px;text-align:left;
background:var(--paper);color:var(--ink);font:12px/1.5 ${SANS};-webkit-text-size-adjust:100%;${variables("light")}}
.root[data-theme=dark]{${variables("dark")}}
.root *{box-sizing:border-box}`;

const FRAME = `
.head{margin-bottom:10px;overflow-wrap:anywhere}
.head b{font-weight:600;font-size:13px;margin-right:8px}
.head span,.note,.foot{color:var(--soft)}
.detail{height:1.5em;margin-top:10px;overflow:hidden;white-space:nowrap;text-overflow:ellipsis;font-variant-numeric:tabular-nums}
.detail b{font-weight:600}
.quote{color:var(--soft)}
.quote bdi{font-family:${MONO};color:var(--ink);white-space:pre}
.note,.foot{font-size:11px;margin-top:6px}
.foot{display:flex;flex-wrap:wrap;justify-content:space-between;gap:4px 16px;min-height:1.5em}
.touch{display:none}
.legend{display:flex;align-items:center;gap:8px;margin-left:auto;white-space:nowrap;font-variant-numeric:tabular-nums}
.ramp{width:120px;height:8px;border-radius:4px;forced-color-adjust:none}
.low,.high{text-align:right}
@media (hover:none){.keys{display:none}.touch{display:inline}}
@media (max-width:640px){.detail{height:3em;white-space:normal;display:-webkit-box;-webkit-box-orient:vertical;-webkit-line-clamp:2}}`;

const TEXT = `
.text{--size:15px;font:15px/1.95 ${MONO};white-space:pre-wrap;overflow-wrap:anywhere;unicode-bidi:plaintext;text-align:start;tab-size:1}
.long{max-height:600px;overflow-y:auto;position:relative}
.t{scroll-margin:40px}
.t:focus,td:focus,.row:focus{outline:none}
.w{padding:3px 0;border-radius:3px;transition:background-color .1s,color .1s}
.text.long .w,.boxes.long .bar{transition:none}
.out .w{font-weight:600}
.led .w:first-of-type{padding-left:1px;margin-left:-1px}
.special .w{font-weight:400;color:var(--soft)}
.after .w{color:var(--soft)}
.m{font-size:0;font-weight:400;unicode-bidi:isolate}
.m::before{content:attr(data-sign);font-size:var(--size,13px);opacity:.55}
.can{cursor:pointer}
.now .w{box-shadow:inset 0 -3px 0 var(--accent);font-weight:600}
.held .w{background-color:color-mix(in srgb,var(--accent) 14%,transparent)}
.after.held .w{color:var(--ink)}
.held:not(.now) .w{box-shadow:0 3px 0 var(--accent)}
.pointed .w{outline:1.5px solid var(--faint)}
.bar-before .w:first-of-type{position:relative}
.bar-before .w:first-of-type::before,.caret{content:"";position:absolute;width:2px;top:4px;height:1.15em;left:-2px;border-radius:1px;background:var(--accent);opacity:.7}
.bar-before.led .w:first-of-type::before{left:-6px}
.caret{position:relative;display:inline-block;height:1.1em;vertical-align:-3px;top:0;left:0;margin:0 5px}
.slot{display:inline-block;max-width:100%}
.ghost::before{content:attr(data-sign);color:var(--accent);font-weight:600;border-bottom:3px solid var(--accent);padding-bottom:1px}
.t:focus-visible .w{outline:2px solid var(--ink);outline-offset:1px}
.context{font-size:13px;--size:13px;line-height:1.8;margin-bottom:8px;color:var(--soft)}
.m{tab-size:1}
.context .m,.box .m{white-space:normal}
.gap{margin-left:.6ch;border-bottom:2px solid var(--accent)}
.gap::before{content:"\\a0\\a0\\a0\\a0"}
.none{color:var(--soft)}
.chips{display:flex;flex-wrap:wrap;gap:6px;margin-top:12px}
.chip{padding:1px 10px;border:1px solid var(--line);border-radius:11px;color:var(--soft);font-variant-numeric:tabular-nums}
.chip.on{color:var(--ink);border-color:var(--accent);background:color-mix(in srgb,var(--accent) 12%,var(--paper))}`;

const BOXES = `
.boxes{display:flex;flex-wrap:wrap;gap:5px 4px;padding:2px}
.boxes.long{max-height:600px;overflow-y:auto}
.break{flex-basis:100%;height:3px}
.box{position:relative;min-width:30px;padding:4px 9px 4px 12px;border:1px solid var(--line);border-radius:4px;background:var(--panel);font:14px/1.35 ${MONO};max-width:100%}
.box .name{display:block;overflow:hidden;text-overflow:ellipsis;white-space:pre;max-width:40ch;--size:14px}
.box .number{display:block;height:15px;contain:strict;white-space:pre;font:11px/1.35 ${SANS};font-variant-numeric:tabular-nums;color:var(--soft)}
.box .bar{position:absolute;left:4px;bottom:4px;width:3px;height:30px;transform-origin:bottom;border-radius:1px;background:var(--accent);transition:transform .1s;forced-color-adjust:none}
.signed .box .bar{bottom:19px;height:15px}
.signed .box::after{content:"";position:absolute;left:2px;bottom:18.5px;width:7px;height:1px;background:var(--faint)}
.box .away{background:var(--away)}
.box.now{border-color:var(--accent);background:color-mix(in srgb,var(--accent) 12%,var(--paper));box-shadow:inset 0 -2px 0 var(--accent)}
.box.now .w{box-shadow:none}
.box.held .w{background:none}
.box.held{background:color-mix(in srgb,var(--accent) 22%,var(--paper))}
.box .w{padding:0!important;margin:0!important}
.box.after{background:none}
.box.bar-before .w:first-of-type::before{display:none}
.box:focus-visible{outline:2px solid var(--ink);outline-offset:1px}
.box .w{outline:none!important}
.box.pointed{border-color:var(--soft)}`;

const METHODS = `
.methods{display:grid;grid-template-columns:fit-content(24%) minmax(0,1fr);gap:6px 18px;align-items:baseline;margin-bottom:16px}
.method{padding-top:4px;text-align:right}
.most{display:block;font-size:11px;color:var(--soft);font-variant-numeric:tabular-nums}
.methods .same:not(:focus-visible) .w{outline:1.5px solid var(--faint)}
.differs .w{text-decoration:underline 2px;text-underline-offset:4px}
.caption{font-size:11px;color:var(--soft);margin-bottom:2px}
@media (max-width:640px){.methods{grid-template-columns:1fr;gap:0}.method{text-align:left}.method .most{display:inline;margin-left:8px}}`;

const CHARTS = `
.charts{display:flex;flex-wrap:wrap;gap:8px 28px;margin-bottom:10px}
.charts svg{max-width:100%;height:auto}
svg text{fill:var(--soft);font:11px ${SANS};font-variant-numeric:tabular-nums}
svg .title{fill:var(--ink);font-size:12px}
.rule{stroke:var(--line)}
.curve{fill:none;stroke-width:2;stroke-linejoin:round;transition:opacity .1s}
.chance{stroke:var(--faint);stroke-width:1.5}
.band{fill:var(--faint);opacity:.2}
.lines{display:block;max-width:100%;height:auto}
.line{color:var(--accent);transition:opacity .1s}
.line .curve{stroke:currentColor}
.line circle{fill:currentColor}
.line.off{opacity:.2}
.leader{fill:none;stroke:currentColor;stroke-width:1;stroke-dasharray:1 3}
svg .end{fill:var(--ink);font:12px ${MONO}}
.above{display:flex;flex-wrap:wrap;gap:4px 14px;align-items:baseline;margin-bottom:8px;color:var(--soft)}
.folds{margin-bottom:8px}
.switch button{all:unset;cursor:pointer;padding:1px 7px;border-radius:3px;color:var(--soft)}
.switch button[aria-checked=true]{color:var(--accent);background:color-mix(in srgb,var(--accent) 12%,var(--paper))}
.switch button:focus-visible{outline:2px solid var(--ink);outline-offset:1px}
.panel{display:flex;flex-wrap:wrap;gap:10px 36px;margin-top:14px}
.panel>div{flex:1 1 260px;max-width:400px;min-width:0}
.panel .of{color:var(--soft);font-size:11px;margin:0 8px 3px}
.panel .row{height:23px}
.panel .row .name{line-height:21px;min-width:6em}
.pair{display:flex;flex-wrap:wrap;gap:14px 36px;align-items:flex-start}
.figures td[role]{min-width:64px;height:25px;padding:0 8px;white-space:nowrap}
.figures .name{font:11px/16px ${SANS};white-space:normal;display:block;max-width:130px;padding:0 4px}
.figures .layer{padding-left:10px}`;

const FALLS = `
.falls{font-variant-numeric:tabular-nums}
.falls .row,.falls .names{display:grid;grid-template-columns:126px minmax(100px,1fr) 58px 48px;align-items:center;column-gap:10px;height:22px;border-radius:3px;cursor:pointer}
.falls .names{cursor:default;height:18px;padding:0 8px}
.falls .part{color:var(--soft);font-size:11px;text-align:right;white-space:nowrap}
.falls .adds,.falls .rank{text-align:right}
.falls .rank{color:var(--soft)}
.names .adds{color:var(--soft)}
.falls .names{font-size:11px}
.falls .row .track{position:relative;height:22px;border-radius:0;overflow:visible;background:linear-gradient(var(--line),var(--line)) var(--zero) 0/1px 100% no-repeat}
.fall{position:absolute;top:5px;height:12px;min-width:1px;border-radius:2px;background:var(--accent);forced-color-adjust:none}
.fall.away{background:var(--away)}
.falls .total{font-weight:600;border-top:1px solid var(--line);border-radius:0;margin-top:3px;padding-top:2px;height:26px}
.falls .total .part{color:var(--ink)}
.falls .pointed{background:var(--panel)}
.falls .held{background:color-mix(in srgb,var(--accent) 12%,transparent)}
.falls .row:focus-visible{outline:2px solid var(--ink);outline-offset:-1px}
.neurons .row,.neurons .names{grid-template-columns:124px minmax(60px,1fr) 52px minmax(0,2fr) minmax(0,1.6fr)}
.neurons-words{overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
.row .neurons-words{font:12px/20px ${MONO}}
.names .neurons-words,.neurons-words.lowered{color:var(--soft)}
.swatch{width:12px;height:8px;border-radius:2px;background:var(--accent);forced-color-adjust:none}
.swatch.away{background:var(--away);margin-left:8px}`;

const GRID = `
.scroll,.long{scrollbar-width:thin;scrollbar-color:var(--faint) transparent}
.scroll{overflow:auto;max-height:760px;margin:0 -2px}
.scroll.fit{width:fit-content;max-width:calc(100% + 4px)}
table{border-collapse:separate;border-spacing:2px;font:inherit;line-height:20px;color:inherit;text-align:center;font-variant-numeric:tabular-nums}
th{font-weight:400}
th,td{padding:0}
td[role]{position:relative;border-radius:3px;cursor:pointer}
td[role]:focus-visible{outline:2px solid var(--ink);outline-offset:1px;z-index:1}
td.held{outline:2px solid var(--ink);outline-offset:1px;z-index:1}
.layer{position:sticky;left:0;z-index:3;padding:0 8px 0 4px;background:var(--paper);box-shadow:-2px 0 0 2px var(--paper);color:var(--soft);font-size:11px;text-align:right;white-space:nowrap}
tbody .layer{z-index:2}
.ranks td[role]{min-width:54px;height:25px;padding:0 6px;transition:box-shadow .1s}
.ranks td.first{font-weight:600;box-shadow:inset 0 0 0 2px var(--accent)}
.ranks td.pointed{box-shadow:inset 0 0 0 2px var(--soft)}
.ranks .name{display:block;max-width:120px;margin:0 auto;padding:0 3px;overflow:hidden;text-overflow:ellipsis;white-space:pre;font:13px/22px ${MONO}}
.lens .name{max-width:84px;font-size:12px}
.lens td[role]{padding:0 3px}
.lens td.first{box-shadow:inset 0 0 0 1.5px var(--accent)}
.lens td.same .name{text-decoration:underline;text-decoration-thickness:2px;text-underline-offset:3px}
.read .name{font-size:12px;color:var(--soft)}
thead th,thead td,tfoot th,tfoot td{position:sticky;z-index:2;background:var(--paper)}
thead th,thead td{top:0}
tfoot th,tfoot td{bottom:0}
.on{color:var(--accent)}
.on.read .name,.on .name{color:var(--accent)}
.layers{width:100%;border-spacing:5px 4px}
.layers .layer{width:1px}
.choice{min-width:112px;max-width:0;height:26px;padding:0 8px;background:var(--panel);overflow:hidden;text-align:left;transition:background-color .1s}
.choice .line{display:flex;justify-content:space-between;align-items:baseline;gap:6px}
.choice .name,.row .name{font:13px/24px ${MONO};overflow:hidden;text-overflow:ellipsis;white-space:pre}
.choice .share{font-size:11px;color:var(--soft);flex:none}
.choice .bar{position:absolute;left:0;bottom:0;height:3px;border-radius:0 2px 2px 0;background:var(--accent);forced-color-adjust:none}
.choice.hit{box-shadow:inset 0 0 0 1.5px var(--accent)}
.choice.same{background:color-mix(in srgb,var(--accent) 14%,var(--paper))}
.choice.same .share{color:var(--ink)}`;

const MAPS = `
.beside{display:flex;flex-wrap:wrap;align-items:flex-start;gap:14px 28px}
.beside .text{flex:1 1 240px;min-width:0}
.beside .scroll{max-height:440px}
.beside .now .w{box-shadow:none;text-decoration:underline 3px var(--accent);text-decoration-skip-ink:none;text-underline-offset:9px}
.beside~.foot .high{text-align:left}
.maps{border-spacing:3px}
.maps td[role]{background:var(--panel);padding:0;line-height:0}
.maps canvas{display:block;border-radius:2px;forced-color-adjust:none}
.maps .head{margin:0;font-size:11px;color:var(--soft)}
.maps .head.on{color:var(--accent)}
.maps td.chosen{box-shadow:0 0 0 2px var(--accent)}
.maps td.pointed:not(.chosen){box-shadow:0 0 0 2px var(--soft)}`;

const PLANE = `
.plane{display:grid;grid-template-columns:max-content max-content;gap:4px 6px;width:max-content;padding:2px;font:12px/14px ${MONO};font-variant-numeric:tabular-nums}
.plane .corner{grid-row:1;grid-column:1}
.plane .top{position:sticky;top:0;z-index:2;background:var(--paper)}
.plane .side{position:sticky;left:0;z-index:2;background:var(--paper)}
.plane .corner{position:sticky;left:0;top:0;z-index:3;background:var(--paper)}
.edge{position:absolute;max-width:16ch;overflow:hidden;text-overflow:ellipsis;white-space:pre}
.side .edge{right:0;transform:translateY(-50%)}
.top .edge{bottom:0;max-height:12ch;writing-mode:vertical-rl;transform:translateX(-50%) rotate(180deg)}
.top.flat .edge{writing-mode:horizontal-tb;transform:translateX(-50%)}
.edge.out{font-weight:600}
.edge.special{color:var(--soft)}
.edge.thin{visibility:hidden}
.edge.on{visibility:visible;z-index:1;background:var(--paper);color:var(--accent)}
.field{position:relative;cursor:crosshair}
.field canvas{position:absolute;left:0;top:0;width:100%;height:100%;forced-color-adjust:none}
.cursor{position:absolute;left:0;top:0;opacity:0;border-radius:1px}
.cursor.pointed,.cursor.held,.cursor:focus-visible{opacity:1;outline:2px solid var(--ink)}
.cursor.held{outline-color:var(--accent)}`;

const FACTORS = `
.factors{flex:1 1 300px;max-width:420px;min-width:0}
.factors>:first-child{position:relative}
.factor{display:grid;grid-template-columns:var(--names) 1fr;align-items:center;height:32px;border-radius:4px;cursor:pointer;user-select:none;-webkit-user-select:none}
.factor .name{padding:0 10px 0 4px;overflow:hidden;text-overflow:ellipsis;white-space:nowrap;text-align:right;color:var(--soft)}
.factor svg{display:block;width:100%;height:24px;overflow:visible;forced-color-adjust:none}
.factor path{fill:none;stroke:var(--hue);stroke-width:1.4;vector-effect:non-scaling-stroke;stroke-linejoin:round}
.factor.again path{stroke-dasharray:5 1.5}
.one .factor:not(.chosen) svg{opacity:.35}
.factor.chosen .name{color:var(--ink);font-weight:600}
.factor.held .name{text-decoration:underline 2px;text-underline-offset:4px}
.factor:focus-visible{outline:2px solid var(--ink);outline-offset:-2px}
.w.again{background-image:repeating-linear-gradient(135deg,transparent 0 4px,var(--paper) 4px 5px)}
.mark,.input-end{position:absolute;top:0;bottom:0;border-left:1.5px solid var(--ink);opacity:.6;pointer-events:none}
.input-end{border-left:1px dashed var(--soft);opacity:1}
.tools{display:flex;gap:4px;margin:8px 0 0 104px}
.tools *{height:26px;font:inherit;color:var(--ink);background:var(--panel);border:1px solid var(--line);border-radius:4px}
.tools input{flex:1;min-width:0;padding:0 8px}
.tools input::placeholder{color:var(--soft);opacity:1}
.tools button{width:28px;cursor:pointer}
.tools :disabled{color:var(--soft);cursor:default}
.tools :focus-visible{outline:2px solid var(--ink)}`;

const TRACE = `
.trace td[role]{min-width:44px;padding:0 4px;font-size:11px;background:var(--panel)}
.trace .name{max-width:96px}
.trace .corrupted .name{text-decoration:underline 2px var(--away);text-underline-offset:4px}
.trace .begins{border-left:14px solid transparent;background-clip:padding-box}`;

const RANKED = `
.ranked{display:grid;grid-template-columns:max-content fit-content(45%) minmax(40px,1fr) max-content;gap:0 12px;max-width:600px}
.row{display:grid;grid-template-columns:2em 12em 1fr 4em;grid-template-columns:subgrid;grid-column:1/-1;align-items:center;height:26px;border-radius:4px;padding:0 8px;cursor:pointer;font-variant-numeric:tabular-nums}
.row .rank{color:var(--soft);font-size:11px;text-align:right}
.row .share{text-align:right}
.row .track{height:8px;border-radius:4px;overflow:hidden}
.row .bar{display:block;height:100%;border-radius:4px;background:var(--accent);forced-color-adjust:none}
.row.pointed,.row.held{background:var(--panel)}
.row.held .name,.row.first .name{font-weight:600}
.row:focus-visible,.row.held{outline:2px solid var(--ink);outline-offset:-2px}
.row.held{outline-color:var(--accent)}`;

const MEDIA = `
@media (prefers-reduced-motion:reduce){.root *{transition:none!important}}
@media (forced-colors:active){.w[style*=background],.ranks td[style*=background]{forced-color-adjust:none}.now .w,.hit .name{text-decoration:underline;text-decoration-thickness:3px}.choice.hit,.ranks td.first,.row.held{outline:1px solid}.box.now,.box.held{border-width:2px;padding:3px 8px 3px 11px}.gap{border-color:CanvasText}}
@media print{.root *{print-color-adjust:exact;-webkit-print-color-adjust:exact}.long,.scroll{max-height:none}.keys,.touch{display:none}}`;

export const STYLES = [HOST, FRAME, TEXT, BOXES, METHODS, CHARTS, FALLS, GRID, MAPS, PLANE, FACTORS, TRACE, RANKED, MEDIA]
  .join("")
  .replace(/\n/g, "");
