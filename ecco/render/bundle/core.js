var ecco=(()=>{var tt=Object.defineProperty;var Ut=Object.getOwnPropertyDescriptor;var Kt=Object.getOwnPropertyNames;var Xt=Object.prototype.hasOwnProperty;var Yt=(t,e)=>{for(var o in e)tt(t,o,{get:e[o],enumerable:!0})},Vt=(t,e,o,n)=>{if(e&&typeof e=="object"||typeof e=="function")for(let r of Kt(e))!Xt.call(t,r)&&r!==o&&tt(t,r,{get:()=>e[r],enumerable:!(n=Ut(e,r))||n.enumerable});return t};var Jt=t=>Vt(tt({},"__esModule",{value:!0}),t);var Mo={};Yt(Mo,{LONG:()=>G,NAME:()=>Ct,STYLES:()=>dt,apart:()=>Et,boxes:()=>fe,bytes:()=>lt,category:()=>ee,cell:()=>ye,center:()=>de,chart:()=>Oe,columnName:()=>ke,contextLine:()=>pe,contrast:()=>mt,detailLine:()=>he,directionOf:()=>st,diverging:()=>R,edgeName:()=>Xe,el:()=>f,ends:()=>Se,exactPercent:()=>bt,exactScore:()=>me,explainedBy:()=>jt,fill:()=>et,folded:()=>mo,frame:()=>we,grid:()=>ve,hands:()=>Me,kinds:()=>H,legend:()=>Ee,list:()=>W,luminance:()=>N,magnitude:()=>L,maps:()=>Ne,mark:()=>U,markOf:()=>rt,nameOf:()=>it,palette:()=>B,path:()=>X,percent:()=>gt,pixels:()=>Tt,plane:()=>Ue,quoted:()=>se,ranges:()=>be,rankScale:()=>Ce,rankShade:()=>oe,say:()=>xe,scaleOf:()=>Ve,score:()=>j,scoreOf:()=>Je,seenBy:()=>J,settle:()=>Ke,shades:()=>te,shareOf:()=>Lt,shortRank:()=>ge,shortShare:()=>Re,sides:()=>qe,strip:()=>ce,svg:()=>E,switcher:()=>uo,target:()=>K,textOn:()=>xt,themeOf:()=>Q,thumbnail:()=>Ie,views:()=>Z,visible:()=>at,walk:()=>Ye,watchTheme:()=>ut,whole:()=>wt,written:()=>I});function f(t,e={},...o){let n=document.createElement(t);for(let[r,a]of Object.entries(e))a!=null&&n.setAttribute(r,String(a));for(let r of o)r!=null&&n.append(r);return n}var O={light:{ink:"#1f1b2d",soft:"#6b6580",faint:"#a49fb5",line:"#e4e1ec",paper:"#ffffff",panel:"#faf9fc",accent:"#6a3fc8",away:"#c2570c",magnitude:["#ffffff","#e9e2f8","#b8a2ea","#754bcb","#341680"],category:["#6a3fc8","#0f8b8d","#c2570c","#c43b7a","#3a7bd5","#7a8b1f"]},dark:{ink:"#ece9f5",soft:"#a49fb8",faint:"#6f6a82",line:"#37333f",paper:"#17151c",panel:"#1d1b23",accent:"#b79cff",away:"#ff9d57",magnitude:["#17151c","#2e254a","#563e96","#9676e8","#ded0ff"],category:["#b79cff","#4cc3c4","#ff9d57","#ff7fb3","#7fb2ff","#c0d35a"]}};var Qt=4.5,Zt=.45,ht=new WeakMap;function B(t){return O[t]}function L(t,e){let o=O[e].magnitude.map(C),n=Math.min(Math.max(t,0),1)*(o.length-1),r=Math.min(Math.floor(n),o.length-2);return ot(o[r],o[r+1],n-r)}function R(t,e){let{paper:o,accent:n,away:r}=O[e];return ot(C(o),C(t>=0?n:r),Math.min(Math.abs(t),1))}var P=255;function te(t,e){let o=t?R:L,[n,r]=[1,-1].map(a=>Array.from({length:P+1},(p,i)=>o(a*i/P,e)));return a=>(a<0?r:n)[Math.min(P,Math.round(P*Math.abs(a)))]}function ee(t,e,o){let{paper:n,soft:r,category:a}=O[o];return ot(C(n),C(e>=0?a[t%a.length]:r),Zt*Math.min(Math.abs(e),1))}function oe(t,e){return e>1?1-Math.log(t)/Math.log(e):1}function xt(t,e){let{ink:o,paper:n}=O[e];return[o,n,"#000000","#ffffff"].find(a=>mt(a,t)>=Qt)??"#000000"}function et(t,e,o){let n=e===null||e===O[o].paper,r=n?"":e;ht.get(t)!==r+o&&(ht.set(t,r+o),t.style.backgroundColor=r,t.style.color=n?"":xt(e,o))}function mt(t,e){let[o,n]=[N(C(t)),N(C(e))].sort((r,a)=>r-a);return(n+.05)/(o+.05)}function N(t){let[e,o,n]=t.map(r=>r/255).map(r=>r<=.04045?r/12.92:((r+.055)/1.055)**2.4);return .2126*e+.7152*o+.0722*n}function C(t){return[1,3,5].map(e=>Number.parseInt(t.slice(e,e+2),16))}function ot(t,e,o){return`#${t.map((r,a)=>Math.floor(r+(e[a]-r)*o+.5)).map(r=>r.toString(16).padStart(2,"0")).join("")}`}var ne=/[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}]/u,re=/[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}\p{Script=Adlam}]/u,ae={"\n":"newline","	":"tab","\r":"carriage return"},ie="\u200C\u200D";function rt(t){return t===`
`?"\u21B5":t==="	"?"\u2192":"\u2028\u2029\x85".includes(t)?"\u2424":t<" "?String.fromCharCode(9216+t.charCodeAt(0)):t==="\x7F"?"\u2421":ne.test(t)&&!ie.includes(t)?"\uFFFD":null}function at(t){return Array.from(t,e=>rt(e)??e).join("")}function it(t){return t?at(t.text.replace(/^ +| +$/g,""))||"\xB7":""}function se(t,e=120){let o=Array.from(at(t)||"\xB7"),n=o.length>e?`${o.slice(0,e).join("")}\u2026`:o.join("");return f("span",{class:"quote"},"\u201C",f("bdi",{},n),"\u201D")}function st(t){let e=t.map(({text:o})=>o.match(/\p{L}/u)?.[0]).find(Boolean);return e&&re.test(e)?"rtl":"ltr"}function I(t,{breaks:e}){if(t.part||t.text===""){let p=t.part?"piece of a character":"no text",i=f("span",{class:"w"},nt("","\u25E6",p));return{nodes:[i],words:[i]}}let o=t.text.replace(/^ +/,""),n=t.text.slice(0,t.text.length-o.length);if(o===""){let p=f("span",{class:"w"},...Array.from(n,i=>nt(i,"\xB7","space")));return{nodes:[p],words:[p]}}let r=n?[document.createTextNode(n)]:[],a=[];for(let p of o.match(/[^\n]*\n|[^\n]+/g)??[]){let i=f("span",{class:"w"},...le(p,e));a.push(i),r.push(i),e&&p.endsWith(`
`)&&r.push(document.createTextNode(`
`))}return{nodes:r,words:a}}function le(t,e){let o=[],n="";for(let r of t){let a=rt(r);if(a===null){n+=r;continue}n&&o.push(n),n="",o.push(nt(r===`
`&&e?"":r,a,ae[r]??"control character"))}return n?[...o,n]:o}function nt(t,e,o){return f("span",{class:"m",role:"img","data-sign":e,"aria-label":o},t)}var G=500;function ce(t,{nInput:e,signed:o,label:n,twoSided:r=!1}){let a=t.map(s=>I(s,{breaks:!0})),p=a.map(({nodes:s},u)=>f("span",{class:H(t[u],u,e),role:"option"},...s)),i=o?R:L,c=p.flatMap((s,u)=>r&&u===e?[f("br",{}),s]:[s]);return{items:p,element:f("div",{class:t.length>G?"text long":"text",...W(t,n)},...c),paint(s,u,m){for(let l of a[s].words)et(l,u===null?null:i(u,m),m)}}}function W(t,e){return t.length?{role:"listbox","aria-label":e,"aria-orientation":"horizontal"}:{}}function H(t,e,o){return`t${/^ +[^ ]/.test(t.text)?" led":""}${e>=o?" out":""}${t.special?" special":""}`}function pe({context:t,context_cut:e,after:o=[],after_cut:n}){let r=a=>a.map(p=>f("span",{class:H(p,0,1)},...I(p,{breaks:!1}).nodes));return f("div",{class:"text context"},e?t[0]?.text.startsWith(" ")?"\u2026":"\u2026 ":null,...r(t),f("span",{class:"gap"}),...r(o),n?" \u2026":null)}function de(t,e){!e||t.scrollHeight<=t.clientHeight||(t.scrollTop+=e.getBoundingClientRect().top-t.getBoundingClientRect().top-t.clientHeight*2/3)}function fe(t,{nInput:e,signed:o,label:n,digits:r,twoSided:a=!1}){let p=t.map(()=>f("span",{class:"bar"})),i=t.map(()=>document.createTextNode("")),c=t.map((u,m)=>f("div",{class:`${H(u,m,e)} box`,role:"option"},p[m],ue(u),f("span",{class:"number",style:`width:${r}ch`},i[m]))),s=c.flatMap((u,m)=>t[m].text.endsWith(`
`)||a&&m+1===e?[u,f("div",{class:"break"})]:[u]);return{items:c,element:f("div",{class:`boxes${t.length>G?" long":""}${o?" signed":""}`,dir:st(t),...W(t,n)},...s),paint(u,m,l,x){p[u].style.transform=`scaleY(${Math.max(-1,Math.min(m??0,1)).toFixed(3)})`,p[u].classList.toggle("away",m!==null&&m<0),i[u].data!==x&&(i[u].data=x)}}}function ue(t){let e={...t,text:t.text.replace(/^ +(?=[^ ])/,"")};return f("bdi",{class:"name"},...I(e,{breaks:!1}).nodes)}function he(){return f("div",{class:"detail","aria-live":"polite"})}function xe(t,...e){let o=e.filter(n=>n!==null);t.replaceChildren(...o.flatMap((n,r)=>[...r?[" \xB7 "]:[],...[n].flat()]))}function gt(t){return t===null?"\u2013":`${(100*t).toFixed(1)}%`}function bt(t){if(t===null)return"unknown";let e=Number((100*t).toPrecision(4));return e!==0&&Math.abs(e)<1e-4?`${e.toExponential()}%`:`${e}%`}function j(t,e,o){if(e==="share")return gt(t);let n=o>0?Math.floor(Math.log10(o)):0,r=Math.max(0,2-n);return n>=-3&&n<6?(Number(t.toFixed(r))+0).toFixed(r):Math.abs(t)<o/1e3?"0":t.toExponential(1)}function me(t,e){return e==="share"?bt(t):String(t)}function ge(t){return t===null?"\u2013":t<1e4?wt(t):t<999500?`${(t/1e3).toFixed(0)}k`:`${(t/1e6).toFixed(1)}M`}function be(t){let e=[];for(let o of t){let n=e[e.length-1];n&&n[1]+1===o?n[1]=o:e.push([o,o])}return e.map(([o,n])=>o===n?`${o}`:`${o}${n===o+1?", ":"\u2013"}${n}`).join(", ")}function wt(t){return String(t).replace(/\B(?=(\d{3})+$)/g,",")}function we(t,{drawing:e,detail:o,keys:n,touch:r,legend:a}){return f("div",{role:"figure","aria-label":t.title},f("div",{class:"head"},f("b",{},t.title)," ",f("span",{},t.subtitle)),...e,o,t.note?f("div",{class:"note"},t.note):null,f("div",{class:"foot"},n&&r?f("span",{},f("span",{class:"keys"},n),f("span",{class:"touch"},r)):null,a))}function ve({label:t,name:e,rows:o,head:n,foot:r,fit:a=!1}){let p=o.map(s=>f("th",{scope:"row",class:"layer"},s.name)),i=f("tbody",{},...o.map((s,u)=>f("tr",{},p[u],...s.cells))),c=f("table",{role:"grid","aria-label":t,class:e},n?f("thead",{},f("tr",{},vt(),...n)):null,i,r?f("tfoot",{},f("tr",{},vt(),...r)):null);return{element:f("div",{class:a?"scroll fit":"scroll"},c),cells:o.flatMap(s=>s.cells),columns:Math.max(1,...o.map(s=>s.cells.length)),names:p}}function ye(...t){return f("td",{role:"gridcell"},...t)}function ke(t,e){return f("th",{scope:"col",class:e},f("bdi",{class:"name"},t))}function vt(){return f("td",{class:"layer"})}function U(t,e){for(let[o,n]of t.entries())n.classList.toggle("on",o===e)}function Me(t,e,{show:o,columns:n=0,start:r=0,holds:a=()=>!0}){let p=new Map(e.map((d,h)=>[d,h])),i=null,c=null,s=null,u=Math.min(Math.max(r,0),e.length-1),m={at:null,held:null},l=()=>{let d={at:i??c,held:s};m.at!==null&&e[m.at].classList.remove("pointed"),m.held!==null&&e[m.held].classList.remove("held"),d.at!==null&&d.at!==s&&e[d.at].classList.add("pointed"),s!==null&&e[s].classList.add("held"),m=d,o(d)},x=d=>{for(let h=d.target;h&&h!==t;h=h.parentNode){let y=p.get(h);if(y!==void 0)return y}return null},g=d=>{e[u].tabIndex=-1,u=d,e[u].tabIndex=0},S=d=>{s!==null&&e[s].setAttribute("aria-selected","false"),s=d===s||d===null||!a(d)?null:d,s!==null&&e[s].setAttribute("aria-selected","true"),l()},D=d=>{i=null,g(d),e[d].focus()},v=()=>s!==null?S(null):(i===null&&e[u].blur(),i=null,l());e.forEach((d,h)=>{d.tabIndex=h===u?0:-1,a(h)&&d.setAttribute("aria-selected","false")}),t.addEventListener("pointerover",d=>{let h=x(d);h===null||h===i||(i=h,l())}),t.addEventListener("pointerleave",()=>{i=null,l()}),t.addEventListener("focusin",d=>{let h=x(d);h!==null&&(g(h),c=h,l())}),t.addEventListener("focusout",()=>{c=null,l()}),t.addEventListener("click",d=>{let h=x(d);h!==null&&(g(h),a(h)&&S(h))}),t.addEventListener("keydown",d=>{let h=x(d);if(h===null||d.altKey||d.metaKey)return;let y=K(d,h,e.length,n,b=>$e(e,h,b));if(y!==null)D(y);else if(d.key==="Enter"||d.key===" ")a(h)&&S(h);else if(d.key==="Escape")v();else return;d.preventDefault(),d.stopPropagation()}),l()}function K(t,e,o,n,r){let a=o-1,p=n>1&&!t.ctrlKey?e-e%n:0,i=n>1&&!t.ctrlKey?Math.min(p+n-1,a):a;if(t.key==="Home")return p;if(t.key==="End")return i;if(t.ctrlKey)return null;if(t.key==="ArrowLeft")return Math.max(e-1,p);if(t.key==="ArrowRight")return Math.min(e+1,i);let c=t.key==="ArrowDown"?1:t.key==="ArrowUp"?-1:0;if(c===0)return null;let s=n?e+c*n:r(c);return s<0||s>a?e:s}function $e(t,e,o){let n=t[e].getBoundingClientRect(),r=e,a=n.top,p=Number.POSITIVE_INFINITY;for(let i=e+o;t[i];i+=o){let c=t[i].getBoundingClientRect();if(Math.abs(c.top-a)>n.height/2){if(r!==e)break;a=c.top}if(Math.abs(a-n.top)<=n.height/2)continue;let s=Math.abs(c.left+c.width/2-n.left-n.width/2);s>=p||(p=s,r=i)}return r}function Ee(t,{signed:e,low:o,high:n,digits:r=0}){let[a,p]=[yt("low",o,r),yt("high",n,r)],i=f("span",{class:"ramp","aria-hidden":"true"});return t.onTheme(c=>{i.style.backgroundImage=`linear-gradient(90deg,${Ae(e,c).join()})`}),{element:f("div",{class:"legend"},a," ",i," ",p),set(c,s){a.textContent=c,p.textContent=s}}}function Se(t,e,o){return[j(o?-t:0,e,t),j(t,e,t)]}function yt(t,e,o){return f("span",{class:t,style:`min-width:${o}ch`},e)}function Ae(t,e){return Array.from({length:9},(o,n)=>t?R(n/4-1,e):L(n/8,e))}function E(t,e={},...o){let n=document.createElementNS("http://www.w3.org/2000/svg",t);for(let[r,a]of Object.entries(e))n.setAttribute(r,String(a));return n.append(...o),n}function X(t){return`M${t.map(([e,o])=>`${e.toFixed(1)},${o.toFixed(1)}`).join("L")}`}var[kt,Le,T,Te,ze]=[24,34,44,116,15],[Mt,$t]=[["none","7 3","2 3"],13];function Oe(t,{title:e,label:o,steps:n,scale:r,width:a,height:p}){let[i,c]=[a-Te,p-Le],s=d=>n.length>1?T+8+d/(n.length-1)*(i-T-16):(T+i)/2,u=d=>c-Math.min(1,Math.max(0,r.at(d)))*(c-kt-6),m=E("text",{class:"title",x:T,y:12},e),l=E("g"),x=Math.ceil(n.length*26/(i-T)),g=E("svg",{class:"lines",width:a,height:p,viewBox:`0 0 ${a} ${p}`,role:"img","aria-label":o},m,...r.ticks.flatMap(({value:d,text:h})=>[E("line",{class:"rule",x1:T,x2:i,y1:u(d),y2:u(d)}),E("text",{x:T-6,y:u(d)+4,"text-anchor":"end"},h)]),...n.flatMap((d,h)=>(n.length-1-h)%x?[]:[E("text",{x:s(h),y:c+15,"text-anchor":"middle"},d)]),E("text",{x:(T+i)/2,y:p-4,"text-anchor":"middle"},"layer"),l),S=[],D="light",v=()=>{let d=B(D).category;S.forEach((h,y)=>{h.style.color=d[y%d.length]})};return t.onTheme(d=>{D=d,v()}),{element:g,draw(d,h=e){m.textContent=h;let y=d.map(({values:k})=>k.map(A=>A!==null).lastIndexOf(!0)),b=d.map((k,A)=>A).filter(k=>y[k]>=0),F=b.map(k=>u(d[k].values[y[k]])),_=Et(F,ze,kt+2,c);S=d.map(({values:k},A)=>{let w=Mt[Math.floor(A/6)%Mt.length],M=k.map(($,Wt)=>$===null?null:[s(Wt),u($)]);return E("g",{class:"line"},...je(M).map($=>E("path",{class:"curve",d:X($),"stroke-dasharray":w})),...M.flatMap($=>$?[E("circle",{cx:$[0],cy:$[1],r:2.5})]:[]))}),b.forEach((k,A)=>{let w=d[k].name,M=w.length>$t?`${w.slice(0,$t-1)}\u2026`:w;S[k].append(E("path",{class:"leader",d:X([[s(y[k])+4,F[A]],[i+4,_[A]]])}),E("text",{class:"end",x:i+8,y:_[A]+4},M))}),l.replaceChildren(...S),v()},mark(d){S.forEach((h,y)=>{h.classList.toggle("off",d>=0&&y!==d)})}}}function Ce(t,e){let o=Math.max(10,...t.map(r=>r??1)),n=Array.from({length:Math.floor(Math.log10(o)+1e-9)+1},(r,a)=>10**a);return{at:r=>1-Math.log(r)/Math.log(o),ticks:n.map(r=>({value:r,text:e(r)}))}}function Et(t,e,o,n){let r=t.map((c,s)=>s).sort((c,s)=>t[c]-t[s]||c-s),a=[];for(let c of r){let s={members:[c],start:i([c])};for(let u=a[a.length-1];u&&u.start+u.members.length*e>s.start;)a.pop(),s={members:[...u.members,...s.members],start:i([...u.members,...s.members])},u=a[a.length-1];a.push(s)}let p=t.slice();for(let{members:c,start:s}of a)c.forEach((u,m)=>{p[u]=s+m*e});return p;function i(c){let s=c.reduce((m,l)=>m+t[l],0)/c.length,u=(c.length-1)*e;return Math.max(o,Math.min(n-u,s-u/2))}}function je(t){let e=[[]];for(let o of t)o?e[e.length-1].push(o):e.push([]);return e.filter(o=>o.length>1)}function Ne(t){let{queries:e,keys:o,columns:n,causal:r,first_query:a}=t,[p,i]=[lt(t.weights),t.rest===null?null:lt(t.rest)],c=(o??e).length,s=l=>r?(l*(l+1)-a*(a+1))/2:(l-a)*c,u=s(e.length),m=l=>l<a?0:r?l+1:c;return{width:c,seen:m,row(l,x){let g=l*u+s(x);return x<a?new Uint8Array(0):p.subarray(g,g+m(x))},rest(l,x){return i===null||x<a?0:Lt(i[l*(e.length-a)+x-a])},count:t.layers.length*n.length}}function Lt(t){return(t/255)**2}function Re(t,e){return t===0?e?`<${Number((100*e).toPrecision(2))}%`:"0%":t>=.0995?`${(100*t).toFixed(0)}%`:t<5e-4?"<0.1%":`${(100*t).toFixed(1)}%`}function Ie(t){let e=2*t,o=f("canvas",{width:e,height:e,style:`width:${t}px;height:${t}px`});return{element:o,paint(n,r,a,p){let i=o.getContext?.("2d");if(!i)return;let c=i.createImageData(e,e);c.data.set(Tt(n,r,a,e,p)),i.putImageData(c,0,0)}}}function Tt(t,e,o,n,r){let a=new Uint8ClampedArray(4*n*n),p=De(r);for(let i=0;i<n;i++){let c=St(i,o,n).map(s=>t.row(e,s));for(let s=0;s<n;s++){let u=-1;for(let m of c)for(let l of St(s,t.width,n))l<m.length&&(u=Math.max(u,m[l]));u>=0&&a.set(p[u],4*(i*n+s))}}return a}function St(t,e,o){let n=Math.floor(t*e/o),r=Math.max(n+1,Math.floor((t+1)*e/o));return Array.from({length:r-n},(a,p)=>n+p)}var At=new Map;function De(t){let e=At.get(t);if(e)return e;let o=Array.from({length:256},(n,r)=>{let a=L(r/255,t);return[...[1,3,5].map(p=>Number.parseInt(a.slice(p,p+2),16)),255]});return At.set(t,o),o}function lt(t){return Uint8Array.from(atob(t),e=>e.charCodeAt(0))}var[zt,Fe,_e,Be,ct]=[2,24,860,600,12],[V,He,Pe]=[14,8,32],Ge="11px ui-sans-serif,system-ui,sans-serif",We=8e6;function Ue({label:t,rows:e,columns:o,split:n,seen:r,most:a=Fe}){let p=f("canvas"),i=f("div",{class:"cursor",role:"gridcell",tabindex:0,"aria-selected":"false"}),c=f("div",{class:"field",role:"grid","aria-label":t},p,f("div",{role:"row"},i)),[s,u]=[f("div",{class:"top"},...o),f("div",{class:"side"},...e)],m=f("div",{class:"scroll"},f("div",{class:"plane"},f("div",{class:"corner"}),s,u,c));u.style.width=`${pt(e,16)}ch`;let l={width:0,height:0},x=v=>v*l.width+(n&&v>=n?ct:0),g=v=>v?x(v-1)+l.width:0;return{element:m,field:c,cursor:i,fit:v=>{let d=(v||_e)-u.offsetWidth-ct;l.width=Y(Math.floor(2*d/o.length)/2,zt,a),l.height=Y(Math.floor(2*Be/e.length)/2,zt,Math.max(l.width,V)),c.style.width=s.style.width=`${g(o.length)}px`,c.style.height=u.style.height=`${e.length*l.height}px`,Ot(e,l.height,(y,b)=>{y.style.top=`${(b+.5)*l.height}px`});let h=He*pt(o,12)>l.width;s.style.height=h?`${pt(o,12)}ch`:`${V}px`,s.classList.toggle("flat",!h),Ot(o,l.width,(y,b)=>{y.style.left=`${x(b)+l.width/2}px`}),i.style.width=`${l.width}px`,i.style.height=`${l.height}px`},point:({row:v,column:d})=>{i.style.transform=`translate(${x(d)}px,${v*l.height}px)`},under(v){let d=c.getBoundingClientRect(),h=v.clientX-d.left-(n&&v.clientX-d.left>=x(n)?ct:0);return{row:Y(Math.floor((v.clientY-d.top)/l.height),0,e.length-1),column:Y(Math.floor(h/l.width),0,o.length-1)}},paint(v,d,h,y=()=>d){let b=p.getContext?.("2d"),[F,_]=[g(o.length),e.length*l.height],k=Math.min(2,Math.sqrt(We/(F*_)));if(p.width=Math.ceil(F*k),p.height=Math.ceil(_*k),!b)return;b.scale(k,k),b.font=Ge,b.textAlign="center",b.textBaseline="middle";let A=Math.min(l.width,l.height)>=8?1:0;for(let w=0;w<e.length;w++)for(let M=0;M<r(w);M++){let $=v(w,M);$!==null&&(b.fillStyle=$,b.fillRect(x(M),w*l.height,l.width-A,l.height-A),!(!h||l.width<Pe||l.height<V)&&(b.fillStyle=y($),b.fillText(h(w,M),x(M)+l.width/2,(w+.5)*l.height)))}b.fillStyle=d;for(let w=0;w<e.length;w++){let[M,$]=[g(r(w)),g(w?r(w-1):0)];b.fillRect(Math.min(M,$),w*l.height,Math.abs(M-$),1),b.fillRect(M-1,w*l.height,1,l.height)}}}}function Ke(t,e,o){let n="light";t.fit(0),e.onTheme(r=>{n=r,o(n)}),e.onAttach(()=>{t.fit(t.element.clientWidth),o(n)})}function Xe(t,e){return f("bdi",{class:`edge ${e}`},t)}function pt(t,e){return Math.min(e,Math.max(...t.map(({textContent:o})=>Array.from(o??"").length)))}function Ot(t,e,o){let n=Math.ceil(V/e);for(let[r,a]of t.entries())o(a,r),a.classList.toggle("thin",r%n!==0)}function Ye(t,{rows:e,columns:o,seen:n},r){let{field:a,cursor:p}=t,i={hover:null,focus:!1,held:null},c={row:e.length-1,column:Math.max(0,n(e.length-1)-1)},s=()=>{let l=i.hover??(i.focus?c:null),x=i.held??l;p.classList.toggle("pointed",l!==null),p.classList.toggle("held",i.held!==null),p.setAttribute("aria-selected",String(i.held!==null)),U(e,x?x.row:-1),U(o,x?x.column:-1),t.point(x??c),p.setAttribute("aria-label",u(x??c)),r(x)},u=({row:l,column:x})=>`${e[l].textContent}, ${o[x].textContent}`,m=l=>{let x=l&&i.held&&l.row===i.held.row&&l.column===i.held.column;i.held=x?null:l,s()};a.addEventListener("pointermove",l=>{i.hover=t.under(l),s()}),a.addEventListener("pointerleave",()=>{i.hover=null,s()}),a.addEventListener("click",l=>{c=t.under(l),m(c)}),p.addEventListener("focus",()=>{i.focus=!0,s()}),p.addEventListener("blur",()=>{i.focus=!1,s()}),p.addEventListener("keydown",l=>{if(l.altKey||l.metaKey)return;let x=K(l,c.row*o.length+c.column,e.length*o.length,o.length,()=>-1);if(x!==null)i.hover=null,c={row:Math.floor(x/o.length),column:x%o.length},s(),p.scrollIntoView?.({block:"nearest",inline:"nearest"});else if(l.key==="Enter"||l.key===" ")m(c);else if(l.key==="Escape"&&i.held)m(null);else if(l.key==="Escape")p.blur();else return;l.preventDefault(),l.stopPropagation()}),s()}function Y(t,e,o){return Math.max(e,Math.min(t,o))}var Ct=14;function Ve({scores:t,unit:e}){let o=t.map(p=>p.map(i=>i??0)),n=o.map(p=>Math.max(0,...p.map(Math.abs))),r=Math.max(0,...n),a=o.flatMap((p,i)=>[Math.min(0,...p),Math.max(0,...p)].flatMap(s=>[j(s,e,r),j(s,e,n[i])]));return{extents:n,most:r,digits:Math.max(4,...a.map(p=>p.length))}}function J({seen:t,targets:e},o){return t?t[o]:e[o]}function Je(t,e,o){let{targets:n,scores:r}=t;return!n.length||o>=J(t,e)?null:o<r[e].length?r[e][o]:0}function jt({explained:t,named:e,tokens:o,targets:n},r){return t?.[r]??e??o[n[r]]??{text:"?"}}function qe(t,e,[o,n]){if(!t.against||!t.signed||!t.targets.length)return[o,n];let r=a=>Array.from(it(a)).slice(0,Ct).join("");return[`for ${r(t.against)} ${o}`,`${n} for ${e===null?"the explained token":r(jt(t,e))}`]}var z='ui-monospace,"SF Mono",Menlo,Consolas,"DejaVu Sans Mono",monospace',q='ui-sans-serif,system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif';function Nt(t){return`${Object.entries(B(t)).filter(([,o])=>typeof o=="string").map(([o,n])=>`--${o}:${n}`).join(";")};color-scheme:${t}`}var Qe=`
:host{all:initial;display:block!important;padding:0!important;border:0!important;outline:0!important;background:none!important;
opacity:1!important;filter:none!important;transform:none!important;visibility:visible!important;columns:auto!important;
box-shadow:none!important;overflow:visible!important;zoom:1!important}
.root{all:initial;direction:ltr;display:block;box-sizing:border-box;padding:14px 16px;border-radius:5px;text-align:left;
background:var(--paper);color:var(--ink);font:12px/1.5 ${q};-webkit-text-size-adjust:100%;${Nt("light")}}
.root[data-theme=dark]{${Nt("dark")}}
.root *{box-sizing:border-box}`,Ze=`
.head{margin-bottom:10px;overflow-wrap:anywhere}
.head b{font-weight:600;font-size:13px;margin-right:8px}
.head span,.note,.foot{color:var(--soft)}
.detail{height:1.5em;margin-top:10px;overflow:hidden;white-space:nowrap;text-overflow:ellipsis;font-variant-numeric:tabular-nums}
.detail b{font-weight:600}
.quote{color:var(--soft)}
.quote bdi{font-family:${z};color:var(--ink);white-space:pre}
.note,.foot{font-size:11px;margin-top:6px}
.foot{display:flex;flex-wrap:wrap;justify-content:space-between;gap:4px 16px;min-height:1.5em}
.touch{display:none}
.legend{display:flex;align-items:center;gap:8px;margin-left:auto;white-space:nowrap;font-variant-numeric:tabular-nums}
.ramp{width:120px;height:8px;border-radius:4px;forced-color-adjust:none}
.low,.high{text-align:right}
@media (hover:none){.keys{display:none}.touch{display:inline}}
@media (max-width:640px){.detail{height:3em;white-space:normal;display:-webkit-box;-webkit-box-orient:vertical;-webkit-line-clamp:2}}`,to=`
.text{--size:15px;font:15px/1.95 ${z};white-space:pre-wrap;overflow-wrap:anywhere;unicode-bidi:plaintext;text-align:start;tab-size:1}
.long{max-height:600px;overflow-y:auto;position:relative}
.t{scroll-margin:40px}
.t:focus,td:focus,.row:focus{outline:none}
.w{position:relative;padding:3px 0;border-radius:3px;transition:background-color .1s,color .1s}
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
.pointed .w{outline:1.5px solid var(--faint);z-index:1}
.bar-before .w:first-of-type::before,.caret{content:"";position:absolute;width:2px;top:4px;height:1.15em;left:-2px;border-radius:1px;background:var(--accent);opacity:.7}
.bar-before.led .w:first-of-type::before{left:-6px}
.caret{position:relative;display:inline-block;height:1.1em;vertical-align:-3px;top:0;left:0;margin:0 5px}
.slot{display:inline-block;max-width:100%}
.ghost::before{content:attr(data-sign);color:var(--accent);font-weight:600;border-bottom:3px solid var(--accent);padding-bottom:1px}
.t:focus-visible .w{outline:2px solid var(--ink);outline-offset:1px;z-index:1}
.context{font-size:13px;--size:13px;line-height:1.8;margin-bottom:8px;color:var(--soft)}
.m{tab-size:1}
.context .m,.box .m{white-space:normal}
.gap{margin-left:.6ch;border-bottom:2px solid var(--accent)}
.gap::before{content:"\\a0\\a0\\a0\\a0"}
.none{color:var(--soft)}
.chips{display:flex;flex-wrap:wrap;gap:6px;margin-top:12px}
.chip{padding:1px 10px;border:1px solid var(--line);border-radius:11px;color:var(--soft);font-variant-numeric:tabular-nums}
.chip.on{color:var(--ink);border-color:var(--accent);background:color-mix(in srgb,var(--accent) 12%,var(--paper))}`,eo=`
.boxes{display:flex;flex-wrap:wrap;gap:5px 4px;padding:2px}
.boxes.long{max-height:600px;overflow-y:auto}
.break{flex-basis:100%;height:3px}
.box{position:relative;min-width:30px;padding:4px 9px 4px 12px;border:1px solid var(--line);border-radius:4px;background:var(--panel);font:14px/1.35 ${z};max-width:100%}
.box .name{display:block;overflow:hidden;text-overflow:ellipsis;white-space:pre;max-width:40ch;--size:14px}
.box .number{display:block;height:15px;contain:strict;white-space:pre;font:11px/1.35 ${q};font-variant-numeric:tabular-nums;color:var(--soft)}
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
.box.pointed{border-color:var(--soft)}`,oo=`
.methods{display:grid;grid-template-columns:fit-content(24%) minmax(0,1fr);gap:6px 18px;align-items:baseline;margin-bottom:16px}
.method{padding-top:4px;text-align:right}
.most{display:block;font-size:11px;color:var(--soft);font-variant-numeric:tabular-nums}
.methods .same:not(:focus-visible) .w{outline:1.5px solid var(--faint);z-index:1}
.differs .w{text-decoration:underline 2px;text-underline-offset:4px}
.caption{font-size:11px;color:var(--soft);margin-bottom:2px}
@media (max-width:640px){.methods{grid-template-columns:1fr;gap:0}.method{text-align:left}.method .most{display:inline;margin-left:8px}}`,no=`
.charts{display:flex;flex-wrap:wrap;gap:8px 28px;margin-bottom:10px}
.charts svg{max-width:100%;height:auto}
svg text{fill:var(--soft);font:11px ${q};font-variant-numeric:tabular-nums}
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
svg .end{fill:var(--ink);font:12px ${z}}
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
.figures .name{font:11px/16px ${q};white-space:normal;display:block;max-width:130px;padding:0 4px}
.figures .layer{padding-left:10px}`,ro=`
.falls{font-variant-numeric:tabular-nums}
.falls .row,.falls .names{display:grid;grid-template-columns:126px minmax(120px,1fr) 58px 48px;align-items:center;column-gap:10px;height:22px;border-radius:3px;cursor:pointer}
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
.row .neurons-words{font:12px/20px ${z}}
.names .neurons-words,.neurons-words.lowered{color:var(--soft)}
.swatch{width:12px;height:8px;border-radius:2px;background:var(--accent);forced-color-adjust:none}
.swatch.away{background:var(--away);margin-left:8px}`,ao=`
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
.ranks .name{display:block;max-width:120px;margin:0 auto;padding:0 3px;overflow:hidden;text-overflow:ellipsis;white-space:pre;font:13px/22px ${z}}
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
.choice .name,.row .name{font:13px/24px ${z};overflow:hidden;text-overflow:ellipsis;white-space:pre}
.choice .share{font-size:11px;color:var(--soft);flex:none}
.choice .bar{position:absolute;left:0;bottom:0;height:3px;border-radius:0 2px 2px 0;background:var(--accent);forced-color-adjust:none}
.choice.hit{box-shadow:inset 0 0 0 1.5px var(--accent)}
.choice.same{background:color-mix(in srgb,var(--accent) 14%,var(--paper))}
.choice.same .share{color:var(--ink)}`,io=`
.beside{display:flex;flex-wrap:wrap;align-items:flex-start;gap:14px 28px}
.beside .text{flex:1 1 240px;min-width:0}
.beside .scroll{max-height:440px}
.beside .now .w{box-shadow:none}
.beside .now .w::after{content:"";position:absolute;left:0;right:0;bottom:-5px;height:3px;border-radius:1px;background:var(--accent)}
.beside~.foot .high{text-align:left}
.maps{border-spacing:3px}
.maps td[role]{background:var(--panel);padding:0;line-height:0}
.maps canvas{display:block;border-radius:2px;forced-color-adjust:none}
.maps .head{margin:0;font-size:11px;color:var(--soft)}
.maps .head.on{color:var(--accent)}
.maps td.chosen{box-shadow:0 0 0 2px var(--accent)}
.maps td.pointed:not(.chosen){box-shadow:0 0 0 2px var(--soft)}`,so=`
.plane{display:grid;grid-template-columns:max-content max-content;gap:4px 6px;width:max-content;padding:2px;font:12px/14px ${z};font-variant-numeric:tabular-nums}
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
.cursor.held{outline-color:var(--accent)}`,lo=`
.factors{flex:1 1 300px;max-width:420px;min-width:0}
.factors>:first-child{position:relative}
.factor{display:grid;grid-template-columns:104px 1fr;align-items:center;height:32px;border-radius:4px;cursor:pointer;user-select:none;-webkit-user-select:none}
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
.tools :focus-visible{outline:2px solid var(--ink)}`,co=`
.trace td[role]{min-width:44px;padding:0 4px;font-size:11px;background:var(--panel)}
.trace .name{max-width:96px}
.trace .corrupted .name{text-decoration:underline 2px var(--away);text-underline-offset:4px}
.trace .begins{border-left:14px solid transparent;background-clip:padding-box}`,po=`
.ranked{display:grid;grid-template-columns:max-content fit-content(45%) minmax(40px,1fr) max-content;gap:0 12px;max-width:600px}
.row{display:grid;grid-template-columns:2em 12em 1fr 4em;grid-template-columns:subgrid;grid-column:1/-1;align-items:center;height:26px;border-radius:4px;padding:0 8px;cursor:pointer;font-variant-numeric:tabular-nums}
.row .rank{color:var(--soft);font-size:11px;text-align:right}
.row .share{text-align:right}
.row .track{height:8px;border-radius:4px;overflow:hidden}
.row .bar{display:block;height:100%;border-radius:4px;background:var(--accent);forced-color-adjust:none}
.row.pointed,.row.held{background:var(--panel)}
.row.held .name,.row.first .name{font-weight:600}
.row:focus-visible,.row.held{outline:2px solid var(--ink);outline-offset:-2px}
.row.held{outline-color:var(--accent)}`,fo=`
@media (prefers-reduced-motion:reduce){.root *{transition:none!important}}
@media (forced-colors:active){.w[style*=background],.ranks td[style*=background]{forced-color-adjust:none}.now .w,.hit .name{text-decoration:underline;text-decoration-thickness:3px}.choice.hit,.ranks td.first,.row.held{outline:1px solid}.box.now,.box.held{border-width:2px;padding:3px 8px 3px 11px}.gap{border-color:CanvasText}}
@media print{.root *{print-color-adjust:exact;-webkit-print-color-adjust:exact}.long,.scroll{max-height:none}.keys,.touch{display:none}}`,dt=[Qe,Ze,to,eo,oo,no,ro,ao,io,so,lo,co,po,fo].join("").replace(/\n/g,"");function uo(t,e,o,n){let r=e.map(i=>f("button",{type:"button",role:"radio"},i)),a=i=>{r.forEach((c,s)=>{c.setAttribute("aria-checked",String(s===i)),c.tabIndex=s===i?0:-1})},p=i=>{a(i),r[i].focus(),n(i)};return a(o),r.forEach((i,c)=>{i.addEventListener("click",()=>p(c)),i.addEventListener("keydown",s=>{let u={ArrowRight:1,ArrowDown:1,ArrowLeft:-1,ArrowUp:-1}[s.key];u&&(s.preventDefault(),s.stopPropagation(),p((c+u+e.length)%e.length))})}),f("div",{class:"switch",role:"radiogroup","aria-label":t},f("span",{},t)," ",...r)}var ft=new Set,_t=new WeakMap,Rt=!1;function Q(t){for(let e=Ft(t);e;e=Ft(e)){let o=e instanceof Element?Ht(e):null;if(o)return N(o)<.2?"dark":"light"}return Bt()?.matches&&ho()?"dark":"light"}function ho(){if(window.parent!==window)return!0;let t=document.createElement("div");t.style.cssText="display:none;background-color:Canvas",document.documentElement.append(t);let e=Ht(t);return t.remove(),!e||N(e)<.2}function ut(t,e){Rt||xo(),Rt=!0,_t.set(t,e),ft.add(new WeakRef(t))}function xo(){let t=new MutationObserver(It);for(let e of[document.documentElement,document.body])e&&t.observe(e,{attributes:!0});Bt()?.addEventListener?.("change",It)}function It(){Dt(),setTimeout(Dt,400)}function Dt(){for(let t of ft){let e=t.deref();e?e.isConnected&&_t.get(e)?.():ft.delete(t)}}function Ft(t){return t instanceof ShadowRoot?t.host:t.parentNode}function Bt(){return typeof matchMedia=="function"?matchMedia("(prefers-color-scheme: dark)"):null}function Ht(t){let e=getComputedStyle(t).backgroundColor.match(/^rgba?\(([\d.]+)[, ]+([\d.]+)[, ]+([\d.]+)(?:[,/ ]+([\d.]+%?))?\)$/);return!e||Number.parseFloat(e[4]??"1")<.5?null:e.slice(1,4).map(Number)}function mo(t,{spans:e,subtitle:o}){let{tokens:n,targets:r,n_input:a,unit:p}=t,i=go(n.length,e),c=[...i.flatMap(([l,x],g)=>Array(x-l).fill(g)),i.length],s=new Map;r.forEach((l,x)=>{s.set(c[l],[...s.get(c[l])??[],x])});let u=[...s.values()],m=u.map(l=>{let x=Math.min(...l.map(g=>J(t,g)));return i.filter(([,g])=>g<=x).length});return{...t,subtitle:o,tokens:i.map(l=>Pt(n,l)),n_input:c[a]??i.length,targets:[...s.keys()],seen:m,scores:u.map((l,x)=>{let g=i.slice(0,m[x]).map(S=>bo(t.scores,l,S));return p==="share"?wo(g):g}),explained:t.explained&&u.map(l=>Pt(t.explained??[],[l[0],l[l.length-1]+1])),words:void 0}}function go(t,e){let o=new Map(e),n=[];for(let r=0;r<t;r=n[n.length-1][1])n.push([r,o.get(r)??r+1]);return n}function Pt(t,[e,o]){let n=t.slice(e,o);return o-e===1?n[0]:{id:-1,text:n.map(({text:r})=>r).join("")}}function bo(t,e,[o,n]){let r=e.flatMap(a=>t[a].slice(o,n)).filter(a=>a!==null);return r.length?r.reduce((a,p)=>a+p,0):o<(t[e[0]]?.length??0)?null:0}function wo(t){let e=t.reduce((o,n)=>o+Math.abs(n??0),0)||1;return t.map(o=>o===null?null:o/e)}var Z={};async function Gt(t){try{let e=JSON.parse(await yo(t.dataset.ecco??""));vo(t,e)}catch(e){console.warn("ecco: the static view stays,",e)}}function vo(t,e){let o=Object.hasOwn(Z,e.view)?Z[e.view]:null;if(!o)throw new Error(`there is no view ${e.view}`);let n=[],r=[],a=Q(t),p=f("div",{class:"root","data-theme":a});p.append(o(e,{onTheme(c){n.push(c),c(a)},onAttach:c=>r.push(c)})),t.setAttribute("data-lm-suppress-shortcuts","true"),t.attachShadow({mode:"open"}).append(f("style",{},dt),p);for(let c of r)c();ut(t,()=>{let c=Q(t);if(c!==a){a=c,p.dataset.theme=c;for(let s of n)s(c)}}),ko(t)}async function yo(t){let e=Uint8Array.from(atob(t),n=>n.charCodeAt(0)),o=new Blob([e]).stream().pipeThrough(new DecompressionStream("gzip"));return new Response(o).text()}function ko(t){window.parent===window||typeof ResizeObserver!="function"||new ResizeObserver(()=>{let e=Math.ceil(document.documentElement.getBoundingClientRect().height);window.parent.postMessage({ecco:1,id:t.dataset.eccoId,height:e},"*")}).observe(t)}dispatchEvent(new CustomEvent("ecco-runtime",{detail:Gt}));return Jt(Mo);})();
