var ecco=(()=>{var O=Object.defineProperty;var ft=Object.getOwnPropertyDescriptor;var ut=Object.getOwnPropertyNames;var xt=Object.prototype.hasOwnProperty;var ht=(t,e)=>{for(var o in e)O(t,o,{get:e[o],enumerable:!0})},mt=(t,e,o,n)=>{if(e&&typeof e=="object"||typeof e=="function")for(let r of ut(e))!xt.call(t,r)&&r!==o&&O(t,r,{get:()=>e[r],enumerable:!(n=ft(e,r))||n.enumerable});return t};var gt=t=>mt(O({},"__esModule",{value:!0}),t);var he={};ht(he,{LONG:()=>Q,STYLES:()=>B,category:()=>yt,cell:()=>Tt,center:()=>Yt,columnName:()=>Ot,contextLine:()=>Xt,contrast:()=>q,detailLine:()=>St,directionOf:()=>qt,diverging:()=>k,el:()=>i,ends:()=>Ft,exactPercent:()=>U,exactScore:()=>Et,fill:()=>L,frame:()=>Ct,grid:()=>jt,hands:()=>Lt,kinds:()=>H,legend:()=>It,list:()=>Z,luminance:()=>w,magnitude:()=>v,mark:()=>Nt,markOf:()=>F,nameOf:()=>Kt,palette:()=>N,percent:()=>G,quoted:()=>Wt,ranges:()=>At,rankShade:()=>Mt,say:()=>zt,score:()=>z,shades:()=>kt,shortRank:()=>$t,strip:()=>Ut,target:()=>V,textOn:()=>W,themeOf:()=>A,views:()=>C,visible:()=>D,watchTheme:()=>P,whole:()=>X,written:()=>E});var g={light:{ink:"#1f1b2d",soft:"#6b6580",faint:"#a49fb5",line:"#e4e1ec",paper:"#ffffff",panel:"#faf9fc",accent:"#6a3fc8",away:"#c2570c",magnitude:["#ffffff","#e9e2f8","#b8a2ea","#754bcb","#341680"],category:["#6a3fc8","#0f8b8d","#c2570c","#c43b7a","#3a7bd5","#7a8b1f"]},dark:{ink:"#ece9f5",soft:"#a49fb8",faint:"#6f6a82",line:"#37333f",paper:"#17151c",panel:"#1d1b23",accent:"#b79cff",away:"#ff9d57",magnitude:["#17151c","#2e254a","#563e96","#9676e8","#ded0ff"],category:["#b79cff","#4cc3c4","#ff9d57","#ff7fb3","#7fb2ff","#c0d35a"]}};var wt=4.5,vt=.45,K=new WeakMap;function N(t){return g[t]}function v(t,e){let o=g[e].magnitude.map(b),n=Math.min(Math.max(t,0),1)*(o.length-1),r=Math.min(Math.floor(n),o.length-2);return R(o[r],o[r+1],n-r)}function k(t,e){let{paper:o,accent:n,away:r}=g[e];return R(b(o),b(t>=0?n:r),Math.min(Math.abs(t),1))}var S=255;function kt(t,e){let o=t?k:v,[n,r]=[1,-1].map(a=>Array.from({length:S+1},(c,p)=>o(a*p/S,e)));return a=>(a<0?r:n)[Math.min(S,Math.round(S*Math.abs(a)))]}function yt(t,e,o){let{paper:n,soft:r,category:a}=g[o];return R(b(n),b(e>=0?a[t%a.length]:r),vt*Math.min(Math.abs(e),1))}function Mt(t,e){return e>1?1-Math.log(t)/Math.log(e):1}function W(t,e){let{ink:o,paper:n}=g[e];return[o,n,"#000000","#ffffff"].find(a=>q(a,t)>=wt)??"#000000"}function L(t,e,o){let n=e===null||e===g[o].paper,r=n?"":e;K.get(t)!==r+o&&(K.set(t,r+o),t.style.backgroundColor=r,t.style.color=n?"":W(e,o))}function q(t,e){let[o,n]=[w(b(t)),w(b(e))].sort((r,a)=>r-a);return(n+.05)/(o+.05)}function w(t){let[e,o,n]=t.map(r=>r/255).map(r=>r<=.04045?r/12.92:((r+.055)/1.055)**2.4);return .2126*e+.7152*o+.0722*n}function b(t){return[1,3,5].map(e=>Number.parseInt(t.slice(e,e+2),16))}function R(t,e,o){return`#${t.map((r,a)=>Math.floor(r+(e[a]-r)*o+.5)).map(r=>r.toString(16).padStart(2,"0")).join("")}`}function i(t,e={},...o){let n=document.createElement(t);for(let[r,a]of Object.entries(e))a!=null&&n.setAttribute(r,String(a));for(let r of o)r!=null&&n.append(r);return n}function St(){return i("div",{class:"detail","aria-live":"polite"})}function zt(t,...e){let o=e.filter(n=>n!==null);t.replaceChildren(...o.flatMap((n,r)=>[...r?[" \xB7 "]:[],...[n].flat()]))}function G(t){return t===null?"\u2013":`${(100*t).toFixed(1)}%`}function U(t){if(t===null)return"unknown";let e=Number((100*t).toPrecision(4));return e!==0&&Math.abs(e)<1e-4?`${e.toExponential()}%`:`${e}%`}function z(t,e,o){if(e==="share")return G(t);let n=o>0?Math.floor(Math.log10(o)):0,r=Math.max(0,2-n);return n>=-3&&n<6?(Number(t.toFixed(r))+0).toFixed(r):Math.abs(t)<o/1e3?"0":t.toExponential(1)}function Et(t,e){return e==="share"?U(t):String(t)}function $t(t){return t===null?"\u2013":t<1e4?X(t):t<999500?`${(t/1e3).toFixed(0)}k`:`${(t/1e6).toFixed(1)}M`}function At(t){let e=[];for(let o of t){let n=e[e.length-1];n&&n[1]+1===o?n[1]=o:e.push([o,o])}return e.map(([o,n])=>o===n?`${o}`:`${o}${n===o+1?", ":"\u2013"}${n}`).join(", ")}function X(t){return String(t).replace(/\B(?=(\d{3})+$)/g,",")}function Ct(t,{drawing:e,detail:o,keys:n,touch:r,legend:a}){return i("div",{role:"figure","aria-label":t.title},i("div",{class:"head"},i("b",{},t.title)," ",i("span",{},t.subtitle)),...e,o,t.note?i("div",{class:"note"},t.note):null,i("div",{class:"foot"},n&&r?i("span",{},i("span",{class:"keys"},n),i("span",{class:"touch"},r)):null,a))}function jt({label:t,name:e,rows:o,head:n,foot:r,fit:a=!1}){let c=o.map(s=>i("th",{scope:"row",class:"layer"},s.name)),p=i("tbody",{},...o.map((s,u)=>i("tr",{},c[u],...s.cells))),d=i("table",{role:"grid","aria-label":t,class:e},n?i("thead",{},i("tr",{},Y(),...n)):null,p,r?i("tfoot",{},i("tr",{},Y(),...r)):null);return{element:i("div",{class:a?"scroll fit":"scroll"},d),cells:o.flatMap(s=>s.cells),columns:Math.max(1,...o.map(s=>s.cells.length)),names:c}}function Tt(...t){return i("td",{role:"gridcell"},...t)}function Ot(t,e){return i("th",{scope:"col",class:e},i("bdi",{class:"name"},t))}function Y(){return i("td",{class:"layer"})}function Nt(t,e){for(let[o,n]of t.entries())n.classList.toggle("on",o===e)}function Lt(t,e,{show:o,columns:n=0,start:r=0,holds:a=()=>!0}){let c=new Map(e.map((l,f)=>[l,f])),p=null,d=null,s=null,u=Math.min(Math.max(r,0),e.length-1),h={at:null,held:null},x=()=>{let l={at:p??d,held:s};h.at!==null&&e[h.at].classList.remove("pointed"),h.held!==null&&e[h.held].classList.remove("held"),l.at!==null&&l.at!==s&&e[l.at].classList.add("pointed"),s!==null&&e[s].classList.add("held"),h=l,o(l)},M=l=>{for(let f=l.target;f&&f!==t;f=f.parentNode){let y=c.get(f);if(y!==void 0)return y}return null},j=l=>{e[u].tabIndex=-1,u=l,e[u].tabIndex=0},T=l=>{s!==null&&e[s].setAttribute("aria-selected","false"),s=l===s||l===null||!a(l)?null:l,s!==null&&e[s].setAttribute("aria-selected","true"),x()},ct=l=>{p=null,j(l),e[l].focus()},pt=()=>s!==null?T(null):(p===null&&e[u].blur(),p=null,x());e.forEach((l,f)=>{l.tabIndex=f===u?0:-1,a(f)&&l.setAttribute("aria-selected","false")}),t.addEventListener("pointerover",l=>{let f=M(l);f===null||f===p||(p=f,x())}),t.addEventListener("pointerleave",()=>{p=null,x()}),t.addEventListener("focusin",l=>{let f=M(l);f!==null&&(j(f),d=f,x())}),t.addEventListener("focusout",()=>{d=null,x()}),t.addEventListener("click",l=>{let f=M(l);f!==null&&(j(f),a(f)&&T(f))}),t.addEventListener("keydown",l=>{let f=M(l);if(f===null||l.altKey||l.metaKey)return;let y=V(l,f,e.length,n,dt=>Rt(e,f,dt));if(y!==null)ct(y);else if(l.key==="Enter"||l.key===" ")a(f)&&T(f);else if(l.key==="Escape")pt();else return;l.preventDefault(),l.stopPropagation()}),x()}function V(t,e,o,n,r){let a=o-1,c=n>1&&!t.ctrlKey?e-e%n:0,p=n>1&&!t.ctrlKey?Math.min(c+n-1,a):a;if(t.key==="Home")return c;if(t.key==="End")return p;if(t.ctrlKey)return null;if(t.key==="ArrowLeft")return Math.max(e-1,c);if(t.key==="ArrowRight")return Math.min(e+1,p);let d=t.key==="ArrowDown"?1:t.key==="ArrowUp"?-1:0;if(d===0)return null;let s=n?e+d*n:r(d);return s<0||s>a?e:s}function Rt(t,e,o){let n=t[e].getBoundingClientRect(),r=e,a=n.top,c=Number.POSITIVE_INFINITY;for(let p=e+o;t[p];p+=o){let d=t[p].getBoundingClientRect();if(Math.abs(d.top-a)>n.height/2){if(r!==e)break;a=d.top}if(Math.abs(a-n.top)<=n.height/2)continue;let s=Math.abs(d.left+d.width/2-n.left-n.width/2);s>=c||(c=s,r=p)}return r}function It(t,{signed:e,low:o,high:n,digits:r=0}){let[a,c]=[J("low",o,r),J("high",n,r)],p=i("span",{class:"ramp","aria-hidden":"true"});return t.onTheme(d=>{p.style.backgroundImage=`linear-gradient(90deg,${Dt(e,d).join()})`}),{element:i("div",{class:"legend"},a," ",p," ",c),set(d,s){a.textContent=d,c.textContent=s}}}function Ft(t,e,o){return[z(o?-t:0,e,t),z(t,e,t)]}function J(t,e,o){return i("span",{class:t,style:`min-width:${o}ch`},e)}function Dt(t,e){return Array.from({length:9},(o,n)=>t?k(n/4-1,e):v(n/8,e))}var Ht=/[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}]/u,Bt=/[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}\p{Script=Adlam}]/u,_t={"\n":"newline","	":"tab","\r":"carriage return"},Pt="\u200C\u200D";function F(t){return t===`
`?"\u21B5":t==="	"?"\u2192":"\u2028\u2029\x85".includes(t)?"\u2424":t<" "?String.fromCharCode(9216+t.charCodeAt(0)):t==="\x7F"?"\u2421":Ht.test(t)&&!Pt.includes(t)?"\uFFFD":null}function D(t){return Array.from(t,e=>F(e)??e).join("")}function Kt(t){return t?D(t.text.replace(/^ +| +$/g,""))||"\xB7":""}function Wt(t,e=120){let o=Array.from(D(t)||"\xB7"),n=o.length>e?`${o.slice(0,e).join("")}\u2026`:o.join("");return i("span",{class:"quote"},"\u201C",i("bdi",{},n),"\u201D")}function qt(t){let e=t.map(({text:o})=>o.match(/\p{L}/u)?.[0]).find(Boolean);return e&&Bt.test(e)?"rtl":"ltr"}function E(t,{breaks:e}){if(t.part||t.text===""){let c=t.part?"piece of a character":"no text",p=i("span",{class:"w"},I("","\u25E6",c));return{nodes:[p],words:[p]}}let o=t.text.replace(/^ +/,""),n=t.text.slice(0,t.text.length-o.length);if(o===""){let c=i("span",{class:"w"},...Array.from(n,p=>I(p,"\xB7","space")));return{nodes:[c],words:[c]}}let r=n?[document.createTextNode(n)]:[],a=[];for(let c of o.match(/[^\n]*\n|[^\n]+/g)??[]){let p=i("span",{class:"w"},...Gt(c,e));a.push(p),r.push(p),e&&c.endsWith(`
`)&&r.push(document.createTextNode(`
`))}return{nodes:r,words:a}}function Gt(t,e){let o=[],n="";for(let r of t){let a=F(r);if(a===null){n+=r;continue}n&&o.push(n),n="",o.push(I(r===`
`&&e?"":r,a,_t[r]??"control character"))}return n?[...o,n]:o}function I(t,e,o){return i("span",{class:"m",role:"img","data-sign":e,"aria-label":o},t)}var Q=500;function Ut(t,{nInput:e,signed:o,label:n,twoSided:r=!1}){let a=t.map(s=>E(s,{breaks:!0})),c=a.map(({nodes:s},u)=>i("span",{class:H(t[u],u,e),role:"option"},...s)),p=o?k:v,d=c.flatMap((s,u)=>r&&u===e?[i("br",{}),s]:[s]);return{items:c,element:i("div",{class:t.length>Q?"text long":"text",...Z(t,n)},...d),paint(s,u,h){for(let x of a[s].words)L(x,u===null?null:p(u,h),h)}}}function Z(t,e){return t.length?{role:"listbox","aria-label":e,"aria-orientation":"horizontal"}:{}}function H(t,e,o){return`t${/^ +[^ ]/.test(t.text)?" led":""}${e>=o?" out":""}${t.special?" special":""}`}function Xt({context:t,context_cut:e,after:o=[],after_cut:n}){let r=a=>a.map(c=>i("span",{class:H(c,0,1)},...E(c,{breaks:!1}).nodes));return i("div",{class:"text context"},e?t[0]?.text.startsWith(" ")?"\u2026":"\u2026 ":null,...r(t),i("span",{class:"gap"}),...r(o),n?" \u2026":null)}function Yt(t,e){!e||t.scrollHeight<=t.clientHeight||(t.scrollTop+=e.getBoundingClientRect().top-t.getBoundingClientRect().top-t.clientHeight*2/3)}var m='ui-monospace,"SF Mono",Menlo,Consolas,"DejaVu Sans Mono",monospace',$='ui-sans-serif,system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif';function tt(t){return`${Object.entries(N(t)).filter(([,o])=>typeof o=="string").map(([o,n])=>`--${o}:${n}`).join(";")};color-scheme:${t}`}var Vt=`
:host{all:initial;display:block!important;padding:0!important;border:0!important;outline:0!important;background:none!important;
opacity:1!important;filter:none!important;transform:none!important;visibility:visible!important;columns:auto!important;
box-shadow:none!important;overflow:visible!important;zoom:1!important}
.root{all:initial;direction:ltr;display:block;box-sizing:border-box;padding:14px 16px;border-radius:5px;text-align:left;
background:var(--paper);color:var(--ink);font:12px/1.5 ${$};-webkit-text-size-adjust:100%;${tt("light")}}
.root[data-theme=dark]{${tt("dark")}}
.root *{box-sizing:border-box}`,Jt=`
.head{margin-bottom:10px;overflow-wrap:anywhere}
.head b{font-weight:600;font-size:13px;margin-right:8px}
.head span,.note,.foot{color:var(--soft)}
.detail{height:1.5em;margin-top:10px;overflow:hidden;white-space:nowrap;text-overflow:ellipsis;font-variant-numeric:tabular-nums}
.detail b{font-weight:600}
.quote{color:var(--soft)}
.quote bdi{font-family:${m};color:var(--ink);white-space:pre}
.note,.foot{font-size:11px;margin-top:6px}
.foot{display:flex;flex-wrap:wrap;justify-content:space-between;gap:4px 16px;min-height:1.5em}
.touch{display:none}
.legend{display:flex;align-items:center;gap:8px;margin-left:auto;white-space:nowrap;font-variant-numeric:tabular-nums}
.ramp{width:120px;height:8px;border-radius:4px;forced-color-adjust:none}
.low,.high{text-align:right}
@media (hover:none){.keys{display:none}.touch{display:inline}}
@media (max-width:640px){.detail{height:3em;white-space:normal;display:-webkit-box;-webkit-box-orient:vertical;-webkit-line-clamp:2}}`,Qt=`
.text{--size:15px;font:15px/1.95 ${m};white-space:pre-wrap;overflow-wrap:anywhere;unicode-bidi:plaintext;text-align:start;tab-size:1}
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
.chip.on{color:var(--ink);border-color:var(--accent);background:color-mix(in srgb,var(--accent) 12%,var(--paper))}`,Zt=`
.boxes{display:flex;flex-wrap:wrap;gap:5px 4px;padding:2px}
.boxes.long{max-height:600px;overflow-y:auto}
.break{flex-basis:100%;height:3px}
.box{position:relative;min-width:30px;padding:4px 9px 4px 12px;border:1px solid var(--line);border-radius:4px;background:var(--panel);font:14px/1.35 ${m};max-width:100%}
.box .name{display:block;overflow:hidden;text-overflow:ellipsis;white-space:pre;max-width:40ch;--size:14px}
.box .number{display:block;height:15px;contain:strict;white-space:pre;font:11px/1.35 ${$};font-variant-numeric:tabular-nums;color:var(--soft)}
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
.box.pointed{border-color:var(--soft)}`,te=`
.methods{display:grid;grid-template-columns:fit-content(24%) minmax(0,1fr);gap:6px 18px;align-items:baseline;margin-bottom:16px}
.method{padding-top:4px;text-align:right}
.most{display:block;font-size:11px;color:var(--soft);font-variant-numeric:tabular-nums}
.methods .same:not(:focus-visible) .w{outline:1.5px solid var(--faint)}
.differs .w{text-decoration:underline 2px;text-underline-offset:4px}
.caption{font-size:11px;color:var(--soft);margin-bottom:2px}
@media (max-width:640px){.methods{grid-template-columns:1fr;gap:0}.method{text-align:left}.method .most{display:inline;margin-left:8px}}`,ee=`
.charts{display:flex;flex-wrap:wrap;gap:8px 28px;margin-bottom:10px}
.charts svg{max-width:100%;height:auto}
svg text{fill:var(--soft);font:11px ${$};font-variant-numeric:tabular-nums}
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
svg .end{fill:var(--ink);font:12px ${m}}
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
.figures .name{font:11px/16px ${$};white-space:normal;display:block;max-width:130px;padding:0 4px}
.figures .layer{padding-left:10px}`,oe=`
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
.row .neurons-words{font:12px/20px ${m}}
.names .neurons-words,.neurons-words.lowered{color:var(--soft)}
.swatch{width:12px;height:8px;border-radius:2px;background:var(--accent);forced-color-adjust:none}
.swatch.away{background:var(--away);margin-left:8px}`,ne=`
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
.ranks .name{display:block;max-width:120px;margin:0 auto;padding:0 3px;overflow:hidden;text-overflow:ellipsis;white-space:pre;font:13px/22px ${m}}
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
.choice .name,.row .name{font:13px/24px ${m};overflow:hidden;text-overflow:ellipsis;white-space:pre}
.choice .share{font-size:11px;color:var(--soft);flex:none}
.choice .bar{position:absolute;left:0;bottom:0;height:3px;border-radius:0 2px 2px 0;background:var(--accent);forced-color-adjust:none}
.choice.hit{box-shadow:inset 0 0 0 1.5px var(--accent)}
.choice.same{background:color-mix(in srgb,var(--accent) 14%,var(--paper))}
.choice.same .share{color:var(--ink)}`,re=`
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
.maps td.pointed:not(.chosen){box-shadow:0 0 0 2px var(--soft)}`,ae=`
.plane{display:grid;grid-template-columns:max-content max-content;gap:4px 6px;width:max-content;padding:2px;font:12px/14px ${m};font-variant-numeric:tabular-nums}
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
.cursor.held{outline-color:var(--accent)}`,ie=`
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
.tools :focus-visible{outline:2px solid var(--ink)}`,se=`
.trace td[role]{min-width:44px;padding:0 4px;font-size:11px;background:var(--panel)}
.trace .name{max-width:96px}
.trace .corrupted .name{text-decoration:underline 2px var(--away);text-underline-offset:4px}
.trace .begins{border-left:14px solid transparent;background-clip:padding-box}`,le=`
.ranked{display:grid;grid-template-columns:max-content fit-content(45%) minmax(40px,1fr) max-content;gap:0 12px;max-width:600px}
.row{display:grid;grid-template-columns:2em 12em 1fr 4em;grid-template-columns:subgrid;grid-column:1/-1;align-items:center;height:26px;border-radius:4px;padding:0 8px;cursor:pointer;font-variant-numeric:tabular-nums}
.row .rank{color:var(--soft);font-size:11px;text-align:right}
.row .share{text-align:right}
.row .track{height:8px;border-radius:4px;overflow:hidden}
.row .bar{display:block;height:100%;border-radius:4px;background:var(--accent);forced-color-adjust:none}
.row.pointed,.row.held{background:var(--panel)}
.row.held .name,.row.first .name{font-weight:600}
.row:focus-visible,.row.held{outline:2px solid var(--ink);outline-offset:-2px}
.row.held{outline-color:var(--accent)}`,ce=`
@media (prefers-reduced-motion:reduce){.root *{transition:none!important}}
@media (forced-colors:active){.w[style*=background],.ranks td[style*=background]{forced-color-adjust:none}.now .w,.hit .name{text-decoration:underline;text-decoration-thickness:3px}.choice.hit,.ranks td.first,.row.held{outline:1px solid}.box.now,.box.held{border-width:2px;padding:3px 8px 3px 11px}.gap{border-color:CanvasText}}
@media print{.root *{print-color-adjust:exact;-webkit-print-color-adjust:exact}.long,.scroll{max-height:none}.keys,.touch{display:none}}`,B=[Vt,Jt,Qt,Zt,te,ee,oe,ne,re,ae,ie,se,le,ce].join("").replace(/\n/g,"");var _=new Set,at=new WeakMap,et=!1;function A(t){for(let e=rt(t);e;e=rt(e)){let o=e instanceof Element?st(e):null;if(o)return w(o)<.2?"dark":"light"}return it()?.matches&&pe()?"dark":"light"}function pe(){if(window.parent!==window)return!0;let t=document.createElement("div");t.style.cssText="display:none;background-color:Canvas",document.documentElement.append(t);let e=st(t);return t.remove(),!e||w(e)<.2}function P(t,e){et||de(),et=!0,at.set(t,e),_.add(new WeakRef(t))}function de(){let t=new MutationObserver(ot);for(let e of[document.documentElement,document.body])e&&t.observe(e,{attributes:!0});it()?.addEventListener?.("change",ot)}function ot(){nt(),setTimeout(nt,400)}function nt(){for(let t of _){let e=t.deref();e?e.isConnected&&at.get(e)?.():_.delete(t)}}function rt(t){return t instanceof ShadowRoot?t.host:t.parentNode}function it(){return typeof matchMedia=="function"?matchMedia("(prefers-color-scheme: dark)"):null}function st(t){let e=getComputedStyle(t).backgroundColor.match(/^rgba?\(([\d.]+)[, ]+([\d.]+)[, ]+([\d.]+)(?:[,/ ]+([\d.]+%?))?\)$/);return!e||Number.parseFloat(e[4]??"1")<.5?null:e.slice(1,4).map(Number)}var C={};async function lt(t){try{let e=JSON.parse(await ue(t.dataset.ecco??""));fe(t,e)}catch(e){console.warn("ecco: the static view stays,",e)}}function fe(t,e){let o=Object.hasOwn(C,e.view)?C[e.view]:null;if(!o)throw new Error(`there is no view ${e.view}`);let n=[],r=[],a=A(t),c=i("div",{class:"root","data-theme":a});c.append(o(e,{onTheme(d){n.push(d),d(a)},onAttach:d=>r.push(d)})),t.setAttribute("data-lm-suppress-shortcuts","true"),t.attachShadow({mode:"open"}).append(i("style",{},B),c);for(let d of r)d();P(t,()=>{let d=A(t);if(d!==a){a=d,c.dataset.theme=d;for(let s of n)s(d)}}),xe(t)}async function ue(t){let e=Uint8Array.from(atob(t),n=>n.charCodeAt(0)),o=new Blob([e]).stream().pipeThrough(new DecompressionStream("gzip"));return new Response(o).text()}function xe(t){window.parent===window||typeof ResizeObserver!="function"||new ResizeObserver(()=>{let e=Math.ceil(document.documentElement.getBoundingClientRect().height);window.parent.postMessage({ecco:1,id:t.dataset.eccoId,height:e},"*")}).observe(t)}dispatchEvent(new CustomEvent("ecco-runtime",{detail:lt}));return gt(he);})();
