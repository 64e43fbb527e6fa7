var ecco=(()=>{var q=Object.defineProperty;var _t=Object.getOwnPropertyDescriptor;var Bt=Object.getOwnPropertyNames;var Pt=Object.prototype.hasOwnProperty;var Gt=(t,e)=>{for(var o in e)q(t,o,{get:e[o],enumerable:!0})},Kt=(t,e,o,n)=>{if(e&&typeof e=="object"||typeof e=="function")for(let r of Bt(e))!Pt.call(t,r)&&r!==o&&q(t,r,{get:()=>e[r],enumerable:!(n=_t(e,r))||n.enumerable});return t};var Ut=t=>Kt(q({},"__esModule",{value:!0}),t);var lo={};Gt(lo,{LONG:()=>P,STYLES:()=>at,apart:()=>wt,boxes:()=>se,category:()=>Vt,cell:()=>me,center:()=>ie,chart:()=>Se,columnName:()=>ge,contextLine:()=>ae,contrast:()=>pt,detailLine:()=>ce,directionOf:()=>nt,diverging:()=>H,el:()=>d,ends:()=>ye,exactPercent:()=>ft,exactScore:()=>de,explainedBy:()=>Be,fill:()=>Q,frame:()=>he,grid:()=>xe,hands:()=>be,kinds:()=>_,legend:()=>ve,list:()=>G,luminance:()=>N,magnitude:()=>C,maps:()=>ze,mark:()=>K,markOf:()=>et,nameOf:()=>ee,palette:()=>D,path:()=>W,percent:()=>dt,pixels:()=>$t,plane:()=>Fe,quoted:()=>oe,ranges:()=>ue,rankScale:()=>Ae,rankShade:()=>Jt,say:()=>pe,scaleOf:()=>He,score:()=>O,scoreOf:()=>_e,seenBy:()=>zt,shareOf:()=>Mt,shortRank:()=>fe,shortShare:()=>Te,strip:()=>re,svg:()=>M,switcher:()=>oo,target:()=>U,textOn:()=>ct,themeOf:()=>V,thumbnail:()=>Ce,views:()=>J,visible:()=>ot,walk:()=>De,watchTheme:()=>st,whole:()=>ut,written:()=>R});function d(t,e={},...o){let n=document.createElement(t);for(let[r,a]of Object.entries(e))a!=null&&n.setAttribute(r,String(a));for(let r of o)r!=null&&n.append(r);return n}var z={light:{ink:"#1f1b2d",soft:"#6b6580",faint:"#a49fb5",line:"#e4e1ec",paper:"#ffffff",panel:"#faf9fc",accent:"#6a3fc8",away:"#c2570c",magnitude:["#ffffff","#e9e2f8","#b8a2ea","#754bcb","#341680"],category:["#6a3fc8","#0f8b8d","#c2570c","#c43b7a","#3a7bd5","#7a8b1f"]},dark:{ink:"#ece9f5",soft:"#a49fb8",faint:"#6f6a82",line:"#37333f",paper:"#17151c",panel:"#1d1b23",accent:"#b79cff",away:"#ff9d57",magnitude:["#17151c","#2e254a","#563e96","#9676e8","#ded0ff"],category:["#b79cff","#4cc3c4","#ff9d57","#ff7fb3","#7fb2ff","#c0d35a"]}};var Xt=4.5,Yt=.45,lt=new WeakMap;function D(t){return z[t]}function C(t,e){let o=z[e].magnitude.map(T),n=Math.min(Math.max(t,0),1)*(o.length-1),r=Math.min(Math.floor(n),o.length-2);return Z(o[r],o[r+1],n-r)}function H(t,e){let{paper:o,accent:n,away:r}=z[e];return Z(T(o),T(t>=0?n:r),Math.min(Math.abs(t),1))}function Vt(t,e,o){let{paper:n,soft:r,category:a}=z[o];return Z(T(n),T(e>=0?a[t%a.length]:r),Yt*Math.min(Math.abs(e),1))}function Jt(t,e){return e>1?1-Math.log(t)/Math.log(e):1}function ct(t,e){let{ink:o,paper:n}=z[e];return[o,n,"#000000","#ffffff"].find(a=>pt(a,t)>=Xt)??"#000000"}function Q(t,e,o){let n=e===null||e===z[o].paper,r=n?"":e;lt.get(t)!==r+o&&(lt.set(t,r+o),t.style.backgroundColor=r,t.style.color=n?"":ct(e,o))}function pt(t,e){let[o,n]=[N(T(t)),N(T(e))].sort((r,a)=>r-a);return(n+.05)/(o+.05)}function N(t){let[e,o,n]=t.map(r=>r/255).map(r=>r<=.04045?r/12.92:((r+.055)/1.055)**2.4);return .2126*e+.7152*o+.0722*n}function T(t){return[1,3,5].map(e=>Number.parseInt(t.slice(e,e+2),16))}function Z(t,e,o){return`#${t.map((r,a)=>Math.floor(r+(e[a]-r)*o+.5)).map(r=>r.toString(16).padStart(2,"0")).join("")}`}var qt=/[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}]/u,Qt=/[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}\p{Script=Adlam}]/u,Zt={"\n":"newline","	":"tab","\r":"carriage return"},te="\u200C\u200D";function et(t){return t===`
`?"\u21B5":t==="	"?"\u2192":"\u2028\u2029\x85".includes(t)?"\u2424":t<" "?String.fromCharCode(9216+t.charCodeAt(0)):t==="\x7F"?"\u2421":qt.test(t)&&!te.includes(t)?"\uFFFD":null}function ot(t){return Array.from(t,e=>et(e)??e).join("")}function ee(t){return t?ot(t.text.replace(/^ +| +$/g,""))||"\xB7":""}function oe(t,e=120){let o=Array.from(ot(t)||"\xB7"),n=o.length>e?`${o.slice(0,e).join("")}\u2026`:o.join("");return d("span",{class:"quote"},"\u201C",d("bdi",{},n),"\u201D")}function nt(t){let e=t.map(({text:o})=>o.match(/\p{L}/u)?.[0]).find(Boolean);return e&&Qt.test(e)?"rtl":"ltr"}function R(t,{breaks:e}){if(t.part||t.text===""){let l=t.part?"piece of a character":"no text",i=d("span",{class:"w"},tt("","\u25E6",l));return{nodes:[i],words:[i]}}let o=t.text.replace(/^ +/,""),n=t.text.slice(0,t.text.length-o.length);if(o===""){let l=d("span",{class:"w"},...Array.from(n,i=>tt(i,"\xB7","space")));return{nodes:[l],words:[l]}}let r=n?[document.createTextNode(n)]:[],a=[];for(let l of o.match(/[^\n]*\n|[^\n]+/g)??[]){let i=d("span",{class:"w"},...ne(l,e));a.push(i),r.push(i),e&&l.endsWith(`
`)&&r.push(document.createTextNode(`
`))}return{nodes:r,words:a}}function ne(t,e){let o=[],n="";for(let r of t){let a=et(r);if(a===null){n+=r;continue}n&&o.push(n),n="",o.push(tt(r===`
`&&e?"":r,a,Zt[r]??"control character"))}return n?[...o,n]:o}function tt(t,e,o){return d("span",{class:"m",role:"img","data-sign":e,"aria-label":o},t)}var P=500;function re(t,{nInput:e,signed:o,label:n,twoSided:r=!1}){let a=t.map(s=>R(s,{breaks:!0})),l=a.map(({nodes:s},h)=>d("span",{class:_(t[h],h,e),role:"option"},...s)),i=o?H:C,c=l.flatMap((s,h)=>r&&h===e?[d("br",{}),s]:[s]);return{items:l,element:d("div",{class:t.length>P?"text long":"text",...G(t,n)},...c),paint(s,h,f){for(let u of a[s].words)Q(u,h===null?null:i(h,f),f)}}}function G(t,e){return t.length?{role:"listbox","aria-label":e,"aria-orientation":"horizontal"}:{}}function _(t,e,o){return`t${/^ +[^ ]/.test(t.text)?" led":""}${e>=o?" out":""}${t.special?" special":""}`}function ae({context:t,context_cut:e,after:o=[],after_cut:n}){let r=a=>a.map(l=>d("span",{class:_(l,0,1)},...R(l,{breaks:!1}).nodes));return d("div",{class:"text context"},e?t[0]?.text.startsWith(" ")?"\u2026":"\u2026 ":null,...r(t),d("span",{class:"gap"}),...r(o),n?" \u2026":null)}function ie(t,e){!e||t.scrollHeight<=t.clientHeight||(t.scrollTop+=e.getBoundingClientRect().top-t.getBoundingClientRect().top-t.clientHeight*2/3)}function se(t,{nInput:e,signed:o,label:n,digits:r,twoSided:a=!1}){let l=t.map(()=>d("span",{class:"bar"})),i=t.map(()=>document.createTextNode("")),c=t.map((h,f)=>d("div",{class:`${_(h,f,e)} box`,role:"option"},l[f],le(h),d("span",{class:"number",style:`width:${r}ch`},i[f]))),s=c.flatMap((h,f)=>t[f].text.endsWith(`
`)||a&&f+1===e?[h,d("div",{class:"break"})]:[h]);return{items:c,element:d("div",{class:`boxes${t.length>P?" long":""}${o?" signed":""}`,dir:nt(t),...G(t,n)},...s),paint(h,f,u,m){l[h].style.transform=`scaleY(${Math.max(-1,Math.min(f??0,1)).toFixed(3)})`,l[h].classList.toggle("away",f!==null&&f<0),i[h].data!==m&&(i[h].data=m)}}}function le(t){let e={...t,text:t.text.replace(/^ +(?=[^ ])/,"")};return d("bdi",{class:"name"},...R(e,{breaks:!1}).nodes)}function ce(){return d("div",{class:"detail","aria-live":"polite"})}function pe(t,...e){let o=e.filter(n=>n!==null);t.replaceChildren(...o.flatMap((n,r)=>[...r?[" \xB7 "]:[],...[n].flat()]))}function dt(t){return t===null?"\u2013":`${(100*t).toFixed(1)}%`}function ft(t){if(t===null)return"unknown";let e=Number((100*t).toPrecision(4));return e!==0&&Math.abs(e)<1e-4?`${e.toExponential()}%`:`${e}%`}function O(t,e,o){if(e==="share")return dt(t);let n=o>0?Math.floor(Math.log10(o)):0;return n>=-3&&n<6?(t+0).toFixed(Math.max(0,2-n)):Math.abs(t)<o/1e3?"0":t.toExponential(1)}function de(t,e){return e==="share"?ft(t):String(t)}function fe(t){return t===null?"\u2013":t<1e4?ut(t):t<999500?`${(t/1e3).toFixed(0)}k`:`${(t/1e6).toFixed(1)}M`}function ue(t){let e=[];for(let o of t){let n=e[e.length-1];n&&n[1]+1===o?n[1]=o:e.push([o,o])}return e.map(([o,n])=>o===n?`${o}`:`${o}${n===o+1?", ":"\u2013"}${n}`).join(", ")}function ut(t){return String(t).replace(/\B(?=(\d{3})+$)/g,",")}function he(t,{drawing:e,detail:o,keys:n,touch:r,legend:a}){return d("div",{role:"figure","aria-label":t.title},d("div",{class:"head"},d("b",{},t.title)," ",d("span",{},t.subtitle)),...e,o,t.note?d("div",{class:"note"},t.note):null,d("div",{class:"foot"},n&&r?d("span",{},d("span",{class:"keys"},n),d("span",{class:"touch"},r)):null,a))}function xe({label:t,name:e,rows:o,head:n,foot:r,fit:a=!1}){let l=o.map(s=>d("th",{scope:"row",class:"layer"},s.name)),i=d("tbody",{},...o.map((s,h)=>d("tr",{},l[h],...s.cells))),c=d("table",{role:"grid","aria-label":t,class:e},n?d("thead",{},d("tr",{},ht(),...n)):null,i,r?d("tfoot",{},d("tr",{},ht(),...r)):null);return{element:d("div",{class:a?"scroll fit":"scroll"},c),cells:o.flatMap(s=>s.cells),columns:Math.max(1,...o.map(s=>s.cells.length)),names:l}}function me(...t){return d("td",{role:"gridcell"},...t)}function ge(t,e){return d("th",{scope:"col",class:e},d("bdi",{class:"name"},t))}function ht(){return d("td",{class:"layer"})}function K(t,e){for(let[o,n]of t.entries())n.classList.toggle("on",o===e)}function be(t,e,{show:o,columns:n=0,start:r=0,holds:a=()=>!0}){let l=new Map(e.map((p,x)=>[p,x])),i=null,c=null,s=null,h=Math.min(Math.max(r,0),e.length-1),f={at:null,held:null},u=()=>{let p={at:i??c,held:s};f.at!==null&&e[f.at].classList.remove("pointed"),f.held!==null&&e[f.held].classList.remove("held"),p.at!==null&&p.at!==s&&e[p.at].classList.add("pointed"),s!==null&&e[s].classList.add("held"),f=p,o(p)},m=p=>{for(let x=p.target;x&&x!==t;x=x.parentNode){let w=l.get(x);if(w!==void 0)return w}return null},E=p=>{e[h].tabIndex=-1,h=p,e[h].tabIndex=0},$=p=>{s!==null&&e[s].setAttribute("aria-selected","false"),s=p===s||p===null||!a(p)?null:p,s!==null&&e[s].setAttribute("aria-selected","true"),u()},b=p=>{i=null,E(p),e[p].focus()},k=()=>s!==null?$(null):(i===null&&e[h].blur(),i=null,u());e.forEach((p,x)=>{p.tabIndex=x===h?0:-1,a(x)&&p.setAttribute("aria-selected","false")}),t.addEventListener("pointerover",p=>{let x=m(p);x===null||x===i||(i=x,u())}),t.addEventListener("pointerleave",()=>{i=null,u()}),t.addEventListener("focusin",p=>{let x=m(p);x!==null&&(E(x),c=x,u())}),t.addEventListener("focusout",()=>{c=null,u()}),t.addEventListener("click",p=>{let x=m(p);x!==null&&(E(x),a(x)&&$(x))}),t.addEventListener("keydown",p=>{let x=m(p);if(x===null||p.altKey||p.metaKey)return;let w=U(p,x,e.length,n,S=>we(e,x,S));if(w!==null)b(w);else if(p.key==="Enter"||p.key===" ")a(x)&&$(x);else if(p.key==="Escape")k();else return;p.preventDefault(),p.stopPropagation()}),u()}function U(t,e,o,n,r){let a=o-1,l=n>1&&!t.ctrlKey?e-e%n:0,i=n>1&&!t.ctrlKey?Math.min(l+n-1,a):a;if(t.key==="Home")return l;if(t.key==="End")return i;if(t.ctrlKey)return null;if(t.key==="ArrowLeft")return Math.max(e-1,l);if(t.key==="ArrowRight")return Math.min(e+1,i);let c=t.key==="ArrowDown"?1:t.key==="ArrowUp"?-1:0;if(c===0)return null;let s=n?e+c*n:r(c);return s<0||s>a?e:s}function we(t,e,o){let n=t[e].getBoundingClientRect(),r=e,a=n.top,l=Number.POSITIVE_INFINITY;for(let i=e+o;t[i];i+=o){let c=t[i].getBoundingClientRect();if(Math.abs(c.top-a)>n.height/2){if(r!==e)break;a=c.top}if(Math.abs(a-n.top)<=n.height/2)continue;let s=Math.abs(c.left+c.width/2-n.left-n.width/2);s>=l||(l=s,r=i)}return r}function ve(t,{signed:e,low:o,high:n,digits:r=0}){let[a,l]=[xt("low",o,r),xt("high",n,r)],i=d("span",{class:"ramp","aria-hidden":"true"});return t.onTheme(c=>{i.style.backgroundImage=`linear-gradient(90deg,${ke(e,c).join()})`}),{element:d("div",{class:"legend"},a," ",i," ",l),set(c,s){a.textContent=c,l.textContent=s}}}function ye(t,e,o){return[O(o?-t:0,e,t),O(t,e,t)]}function xt(t,e,o){return d("span",{class:t,style:`min-width:${o}ch`},e)}function ke(t,e){return Array.from({length:9},(o,n)=>t?H(n/4-1,e):C(n/8,e))}function M(t,e={},...o){let n=document.createElementNS("http://www.w3.org/2000/svg",t);for(let[r,a]of Object.entries(e))n.setAttribute(r,String(a));return n.append(...o),n}function W(t){return`M${t.map(([e,o])=>`${e.toFixed(1)},${o.toFixed(1)}`).join("L")}`}var[mt,Me,L,$e,Ee]=[24,34,44,116,15],[gt,bt]=[["none","7 3","2 3"],13];function Se(t,{title:e,label:o,steps:n,scale:r,width:a,height:l}){let[i,c]=[a-$e,l-Me],s=p=>n.length>1?L+8+p/(n.length-1)*(i-L-16):(L+i)/2,h=p=>c-Math.min(1,Math.max(0,r.at(p)))*(c-mt-6),f=M("text",{class:"title",x:L,y:12},e),u=M("g"),m=Math.ceil(n.length*26/(i-L)),E=M("svg",{class:"lines",width:a,height:l,viewBox:`0 0 ${a} ${l}`,role:"img","aria-label":o},f,...r.ticks.flatMap(({value:p,text:x})=>[M("line",{class:"rule",x1:L,x2:i,y1:h(p),y2:h(p)}),M("text",{x:L-6,y:h(p)+4,"text-anchor":"end"},x)]),...n.flatMap((p,x)=>(n.length-1-x)%m?[]:[M("text",{x:s(x),y:c+15,"text-anchor":"middle"},p)]),M("text",{x:(L+i)/2,y:l-4,"text-anchor":"middle"},"layer"),u),$=[],b="light",k=()=>{let p=D(b).category;$.forEach((x,w)=>{x.style.color=p[w%p.length]})};return t.onTheme(p=>{b=p,k()}),{element:E,draw(p,x=e){f.textContent=x;let w=p.map(({values:g})=>g.map(y=>y!==null).lastIndexOf(!0)),S=p.map((g,y)=>y).filter(g=>w[g]>=0),I=S.map(g=>h(p[g].values[w[g]])),v=wt(I,Ee,mt+2,c);$=p.map(({values:g},y)=>{let F=gt[Math.floor(y/6)%gt.length],B=g.map((A,Ht)=>A===null?null:[s(Ht),h(A)]);return M("g",{class:"line"},...Le(B).map(A=>M("path",{class:"curve",d:W(A),"stroke-dasharray":F})),...B.flatMap(A=>A?[M("circle",{cx:A[0],cy:A[1],r:2.5})]:[]))}),S.forEach((g,y)=>{let F=p[g].name,B=F.length>bt?`${F.slice(0,bt-1)}\u2026`:F;$[g].append(M("path",{class:"leader",d:W([[s(w[g])+4,I[y]],[i+4,v[y]]])}),M("text",{class:"end",x:i+8,y:v[y]+4},B))}),u.replaceChildren(...$),k()},mark(p){$.forEach((x,w)=>{x.classList.toggle("off",p>=0&&w!==p)})}}}function Ae(t,e){let o=Math.max(10,...t.map(r=>r??1)),n=Array.from({length:Math.floor(Math.log10(o)+1e-9)+1},(r,a)=>10**a);return{at:r=>1-Math.log(r)/Math.log(o),ticks:n.map(r=>({value:r,text:e(r)}))}}function wt(t,e,o,n){let r=t.map((c,s)=>s).sort((c,s)=>t[c]-t[s]||c-s),a=[];for(let c of r){let s={members:[c],start:i([c])};for(let h=a[a.length-1];h&&h.start+h.members.length*e>s.start;)a.pop(),s={members:[...h.members,...s.members],start:i([...h.members,...s.members])},h=a[a.length-1];a.push(s)}let l=t.slice();for(let{members:c,start:s}of a)c.forEach((h,f)=>{l[h]=s+f*e});return l;function i(c){let s=c.reduce((f,u)=>f+t[u],0)/c.length,h=(c.length-1)*e;return Math.max(o,Math.min(n-h,s-h/2))}}function Le(t){let e=[[]];for(let o of t)o?e[e.length-1].push(o):e.push([]);return e.filter(o=>o.length>1)}function ze(t){let{queries:e,keys:o,columns:n,causal:r,first_query:a}=t,[l,i]=[kt(t.weights),t.rest===null?null:kt(t.rest)],c=(o??e).length,s=u=>r?(u*(u+1)-a*(a+1))/2:(u-a)*c,h=s(e.length),f=u=>u<a?0:r?u+1:c;return{width:c,seen:f,row(u,m){let E=u*h+s(m);return m<a?new Uint8Array(0):l.subarray(E,E+f(m))},rest(u,m){return i===null||m<a?0:Mt(i[u*(e.length-a)+m-a])},count:t.layers.length*n.length}}function Mt(t){return(t/255)**2}function Te(t,e){return t===0?e?`<${Number((100*e).toPrecision(2))}%`:"0%":t>=.0995?`${(100*t).toFixed(0)}%`:t<5e-4?"<0.1%":`${(100*t).toFixed(1)}%`}function Ce(t){let e=2*t,o=d("canvas",{width:e,height:e,style:`width:${t}px;height:${t}px`});return{element:o,paint(n,r,a,l){let i=o.getContext?.("2d");if(!i)return;let c=i.createImageData(e,e);c.data.set($t(n,r,a,e,l)),i.putImageData(c,0,0)}}}function $t(t,e,o,n,r){let a=new Uint8ClampedArray(4*n*n),l=Oe(r);for(let i=0;i<n;i++){let c=vt(i,o,n).map(s=>t.row(e,s));for(let s=0;s<n;s++){let h=-1;for(let f of c)for(let u of vt(s,t.width,n))u<f.length&&(h=Math.max(h,f[u]));h>=0&&a.set(l[h],4*(i*n+s))}}return a}function vt(t,e,o){let n=Math.floor(t*e/o),r=Math.max(n+1,Math.floor((t+1)*e/o));return Array.from({length:r-n},(a,l)=>n+l)}var yt=new Map;function Oe(t){let e=yt.get(t);if(e)return e;let o=Array.from({length:256},(n,r)=>{let a=C(r/255,t);return[...[1,3,5].map(l=>Number.parseInt(a.slice(l,l+2),16)),255]});return yt.set(t,o),o}function kt(t){return Uint8Array.from(atob(t),e=>e.charCodeAt(0))}var[Et,je,Ne,Re,rt]=[2,24,860,600,12],Lt=14,Ie=8e6;function Fe({label:t,rows:e,columns:o,split:n,seen:r}){let a=d("canvas"),l=d("div",{class:"cursor",role:"gridcell",tabindex:0,"aria-selected":"false"}),i=d("div",{class:"field",role:"grid","aria-label":t},a,d("div",{role:"row"},l)),[c,s]=[d("div",{class:"top"},...o),d("div",{class:"side"},...e)],h=d("div",{class:"scroll"},d("div",{class:"plane"},d("div",{class:"corner"}),c,s,i));s.style.width=`${St(e,16)}ch`,c.style.height=`${St(o,12)}ch`;let f={width:0,height:0},u=b=>b*f.width+(n&&b>=n?rt:0),m=b=>b?u(b-1)+f.width:0;return{element:h,field:i,cursor:l,fit:b=>{let k=(b||Ne)-s.offsetWidth-rt;f.width=X(Math.floor(2*k/o.length)/2,Et,je),f.height=X(Math.floor(2*Re/e.length)/2,Et,Math.max(f.width,Lt)),i.style.width=c.style.width=`${m(o.length)}px`,i.style.height=s.style.height=`${e.length*f.height}px`,At(e,f.height,(p,x)=>{p.style.top=`${(x+.5)*f.height}px`}),At(o,f.width,(p,x)=>{p.style.left=`${u(x)+f.width/2}px`}),l.style.width=`${f.width}px`,l.style.height=`${f.height}px`},point:({row:b,column:k})=>{l.style.transform=`translate(${u(k)}px,${b*f.height}px)`},under(b){let k=i.getBoundingClientRect(),p=b.clientX-k.left-(n&&b.clientX-k.left>=u(n)?rt:0);return{row:X(Math.floor((b.clientY-k.top)/f.height),0,e.length-1),column:X(Math.floor(p/f.width),0,o.length-1)}},paint(b,k){let p=a.getContext?.("2d"),[x,w]=[m(o.length),e.length*f.height],S=Math.min(2,Math.sqrt(Ie/(x*w)));if(a.width=Math.ceil(x*S),a.height=Math.ceil(w*S),!p)return;p.scale(S,S);let I=Math.min(f.width,f.height)>=8?1:0;for(let v=0;v<e.length;v++)for(let g=0;g<r(v);g++){let y=b(v,g);y!==null&&(p.fillStyle=y,p.fillRect(u(g),v*f.height,f.width-I,f.height-I))}p.fillStyle=k;for(let v=0;v<e.length;v++){let[g,y]=[m(r(v)),m(v?r(v-1):0)];p.fillRect(Math.min(g,y),v*f.height,Math.abs(g-y),1),p.fillRect(g-1,v*f.height,1,f.height)}}}}function St(t,e){return Math.min(e,Math.max(...t.map(({textContent:o})=>Array.from(o??"").length)))}function At(t,e,o){let n=Math.ceil(Lt/e);for(let[r,a]of t.entries())o(a,r),a.classList.toggle("thin",r%n!==0)}function De(t,{rows:e,columns:o,seen:n},r){let{field:a,cursor:l}=t,i={hover:null,focus:!1,held:null},c={row:e.length-1,column:Math.max(0,n(e.length-1)-1)},s=()=>{let u=i.hover??(i.focus?c:null),m=i.held??u;l.classList.toggle("pointed",u!==null),l.classList.toggle("held",i.held!==null),l.setAttribute("aria-selected",String(i.held!==null)),K(e,m?m.row:-1),K(o,m?m.column:-1),t.point(m??c),l.setAttribute("aria-label",h(m??c)),r(m)},h=({row:u,column:m})=>`${e[u].textContent}, ${o[m].textContent}`,f=u=>{let m=u&&i.held&&u.row===i.held.row&&u.column===i.held.column;i.held=m?null:u,s()};a.addEventListener("pointermove",u=>{i.hover=t.under(u),s()}),a.addEventListener("pointerleave",()=>{i.hover=null,s()}),a.addEventListener("click",u=>{c=t.under(u),f(c)}),l.addEventListener("focus",()=>{i.focus=!0,s()}),l.addEventListener("blur",()=>{i.focus=!1,s()}),l.addEventListener("keydown",u=>{if(u.altKey||u.metaKey)return;let m=U(u,c.row*o.length+c.column,e.length*o.length,o.length,()=>-1);if(m!==null)i.hover=null,c={row:Math.floor(m/o.length),column:m%o.length},s(),l.scrollIntoView?.({block:"nearest",inline:"nearest"});else if(u.key==="Enter"||u.key===" ")f(c);else if(u.key==="Escape"&&i.held)f(null);else if(u.key==="Escape")l.blur();else return;u.preventDefault(),u.stopPropagation()}),s()}function X(t,e,o){return Math.max(e,Math.min(t,o))}function He({scores:t,unit:e}){let o=t.map(l=>l.map(i=>i??0)),n=o.map(l=>Math.max(0,...l.map(Math.abs))),r=Math.max(0,...n),a=o.flatMap((l,i)=>[Math.min(0,...l),Math.max(0,...l)].flatMap(s=>[O(s,e,r),O(s,e,n[i])]));return{extents:n,most:r,digits:Math.max(4,...a.map(l=>l.length))}}function zt({seen:t,targets:e},o){return t?t[o]:e[o]}function _e(t,e,o){let{targets:n,scores:r}=t;return!n.length||o>=zt(t,e)?null:o<r[e].length?r[e][o]:0}function Be({explained:t,named:e,tokens:o,targets:n},r){return t?.[r]??e??o[n[r]]??{text:"?"}}var j='ui-monospace,"SF Mono",Menlo,Consolas,"DejaVu Sans Mono",monospace',Y='ui-sans-serif,system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif';function Tt(t){return`${Object.entries(D(t)).filter(([,o])=>typeof o=="string").map(([o,n])=>`--${o}:${n}`).join(";")};color-scheme:${t}`}var Pe=`
:host{all:initial;display:block!important;padding:0!important;border:0!important;outline:0!important;background:none!important;
opacity:1!important;filter:none!important;transform:none!important;visibility:visible!important;columns:auto!important;
box-shadow:none!important;overflow:visible!important;zoom:1!important}
.root{all:initial;direction:ltr;display:block;box-sizing:border-box;padding:14px 16px;border-radius:5px;text-align:left;
background:var(--paper);color:var(--ink);font:12px/1.5 ${Y};-webkit-text-size-adjust:100%;${Tt("light")}}
.root[data-theme=dark]{${Tt("dark")}}
.root *{box-sizing:border-box}`,Ge=`
.head{margin-bottom:10px;overflow-wrap:anywhere}
.head b{font-weight:600;font-size:13px;margin-right:8px}
.head span,.note,.foot{color:var(--soft)}
.detail{height:1.5em;margin-top:10px;overflow:hidden;white-space:nowrap;text-overflow:ellipsis;font-variant-numeric:tabular-nums}
.detail b{font-weight:600}
.quote{color:var(--soft)}
.quote bdi{font-family:${j};color:var(--ink);white-space:pre}
.note,.foot{font-size:11px;margin-top:6px}
.foot{display:flex;flex-wrap:wrap;justify-content:space-between;gap:4px 16px;min-height:1.5em}
.touch{display:none}
.legend{display:flex;align-items:center;gap:8px;margin-left:auto;white-space:nowrap;font-variant-numeric:tabular-nums}
.ramp{width:120px;height:8px;border-radius:4px;forced-color-adjust:none}
.low,.high{text-align:right}
@media (hover:none){.keys{display:none}.touch{display:inline}}
@media (max-width:640px){.detail{height:3em;white-space:normal;display:-webkit-box;-webkit-box-orient:vertical;-webkit-line-clamp:2}}`,Ke=`
.text{--size:15px;font:15px/1.95 ${j};white-space:pre-wrap;overflow-wrap:anywhere;unicode-bidi:plaintext;text-align:start;tab-size:1}
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
.chip.on{color:var(--ink);border-color:var(--accent);background:color-mix(in srgb,var(--accent) 12%,var(--paper))}`,Ue=`
.boxes{display:flex;flex-wrap:wrap;gap:5px 4px;padding:2px}
.boxes.long{max-height:600px;overflow-y:auto}
.break{flex-basis:100%;height:3px}
.box{position:relative;min-width:30px;padding:4px 9px 4px 12px;border:1px solid var(--line);border-radius:4px;background:var(--panel);font:14px/1.35 ${j};max-width:100%}
.box .name{display:block;overflow:hidden;text-overflow:ellipsis;white-space:pre;max-width:40ch;--size:14px}
.box .number{display:block;height:15px;contain:strict;white-space:pre;font:11px/1.35 ${Y};font-variant-numeric:tabular-nums;color:var(--soft)}
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
.box.pointed{border-color:var(--soft)}`,We=`
.methods{display:grid;grid-template-columns:fit-content(24%) minmax(0,1fr);gap:6px 18px;align-items:baseline;margin-bottom:16px}
.method{padding-top:4px;text-align:right}
.most{display:block;font-size:11px;color:var(--soft);font-variant-numeric:tabular-nums}
.methods .same:not(:focus-visible) .w{outline:1.5px solid var(--faint);z-index:1}
.caption{font-size:11px;color:var(--soft);margin-bottom:2px}
@media (max-width:640px){.methods{grid-template-columns:1fr;gap:0}.method{text-align:left}.method .most{display:inline;margin-left:8px}}`,Xe=`
.charts{display:flex;flex-wrap:wrap;gap:8px 28px;margin-bottom:10px}
.charts svg{max-width:100%;height:auto}
svg text{fill:var(--soft);font:11px ${Y};font-variant-numeric:tabular-nums}
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
svg .end{fill:var(--ink);font:12px ${j}}
.above{display:flex;flex-wrap:wrap;gap:4px 14px;align-items:baseline;margin-bottom:8px;color:var(--soft)}
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
.figures .name{font:11px/16px ${Y};white-space:normal;display:block;max-width:130px;padding:0 4px}
.figures .layer{padding-left:10px}`,Ye=`
.falls{font-variant-numeric:tabular-nums}
.falls .row,.falls .names{display:grid;grid-template-columns:118px minmax(120px,1fr) 58px 48px;align-items:center;column-gap:10px;height:22px;border-radius:3px;cursor:pointer}
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
.swatch{width:12px;height:8px;border-radius:2px;background:var(--accent);forced-color-adjust:none}
.swatch.away{background:var(--away);margin-left:8px}`,Ve=`
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
.ranks .name{display:block;max-width:120px;margin:0 auto;padding:0 3px;overflow:hidden;text-overflow:ellipsis;white-space:pre;font:13px/22px ${j}}
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
.choice .name,.row .name{font:13px/24px ${j};overflow:hidden;text-overflow:ellipsis;white-space:pre}
.choice .share{font-size:11px;color:var(--soft);flex:none}
.choice .bar{position:absolute;left:0;bottom:0;height:3px;border-radius:0 2px 2px 0;background:var(--accent);forced-color-adjust:none}
.choice.hit{box-shadow:inset 0 0 0 1.5px var(--accent)}
.choice.same{background:color-mix(in srgb,var(--accent) 14%,var(--paper))}
.choice.same .share{color:var(--ink)}`,Je=`
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
.maps td.pointed:not(.chosen){box-shadow:0 0 0 2px var(--soft)}`,qe=`
.plane{display:grid;grid-template-columns:max-content max-content;gap:4px 6px;width:max-content;padding:2px;font:12px/14px ${j};font-variant-numeric:tabular-nums}
.plane .corner{grid-row:1;grid-column:1}
.plane .top{position:sticky;top:0;z-index:2;background:var(--paper)}
.plane .side{position:sticky;left:0;z-index:2;background:var(--paper)}
.plane .corner{position:sticky;left:0;top:0;z-index:3;background:var(--paper)}
.edge{position:absolute;max-width:16ch;overflow:hidden;text-overflow:ellipsis;white-space:pre}
.side .edge{right:0;transform:translateY(-50%)}
.top .edge{bottom:0;max-height:12ch;writing-mode:vertical-rl;transform:translateX(-50%) rotate(180deg)}
.edge.out{font-weight:600}
.edge.special{color:var(--soft)}
.edge.thin{visibility:hidden}
.edge.on{visibility:visible;z-index:1;background:var(--paper);color:var(--accent)}
.field{position:relative;cursor:crosshair}
.field canvas{position:absolute;left:0;top:0;width:100%;height:100%;forced-color-adjust:none}
.cursor{position:absolute;left:0;top:0;opacity:0;border-radius:1px}
.cursor.pointed,.cursor.held,.cursor:focus-visible{opacity:1;outline:2px solid var(--ink)}
.cursor.held{outline-color:var(--accent)}`,Qe=`
.factors{flex:1 1 300px;max-width:420px;min-width:0}
.factors>:first-child{position:relative}
.factor{display:grid;grid-template-columns:104px 1fr;align-items:center;height:32px;border-radius:4px;cursor:pointer;user-select:none;-webkit-user-select:none}
.factor .name{padding:0 10px 0 4px;overflow:hidden;text-overflow:ellipsis;white-space:nowrap;text-align:right;color:var(--soft)}
.factor svg{display:block;width:100%;height:24px;overflow:visible;forced-color-adjust:none}
.factor path{fill:none;stroke:var(--hue);stroke-width:1.4;vector-effect:non-scaling-stroke;stroke-linejoin:round}
.factor.again path{stroke-dasharray:5 1.5}
.one .factor:not(.chosen) svg{opacity:.35}
.factor.chosen .name{color:var(--ink);font-weight:600}
.factor.held .name{text-decoration:underline 2px var(--accent);text-underline-offset:4px}
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
.tools :focus-visible{outline:2px solid var(--ink)}`,Ze=`
.trace td[role]{min-width:44px;padding:0 4px;font-size:11px;background:var(--panel)}
.trace .name{max-width:96px}
.trace .corrupted .name{text-decoration:underline 2px var(--away);text-underline-offset:4px}
.trace .begins{border-left:14px solid transparent;background-clip:padding-box}`,to=`
.ranked{display:grid;grid-template-columns:max-content fit-content(45%) minmax(40px,1fr) max-content;gap:0 12px;max-width:600px}
.row{display:grid;grid-template-columns:2em 12em 1fr 4em;grid-template-columns:subgrid;grid-column:1/-1;align-items:center;height:26px;border-radius:4px;padding:0 8px;cursor:pointer;font-variant-numeric:tabular-nums}
.row .rank{color:var(--soft);font-size:11px;text-align:right}
.row .share{text-align:right}
.row .track{height:8px;border-radius:4px;overflow:hidden}
.row .bar{display:block;height:100%;border-radius:4px;background:var(--accent);forced-color-adjust:none}
.row.pointed,.row.held{background:var(--panel)}
.row.held .name,.row.first .name{font-weight:600}
.row:focus-visible,.row.held{outline:2px solid var(--ink);outline-offset:-2px}
.row.held{outline-color:var(--accent)}`,eo=`
@media (prefers-reduced-motion:reduce){.root *{transition:none!important}}
@media (forced-colors:active){.w[style*=background],.ranks td[style*=background]{forced-color-adjust:none}.now .w,.hit .name{text-decoration:underline;text-decoration-thickness:3px}.choice.hit,.ranks td.first,.row.held{outline:1px solid}.box.now,.box.held{border-width:2px;padding:3px 8px 3px 11px}.gap{border-color:CanvasText}}
@media print{.root *{print-color-adjust:exact;-webkit-print-color-adjust:exact}.long,.scroll{max-height:none}.keys,.touch{display:none}}`,at=[Pe,Ge,Ke,Ue,We,Xe,Ye,Ve,Je,qe,Qe,Ze,to,eo].join("").replace(/\n/g,"");function oo(t,e,o,n){let r=e.map(i=>d("button",{type:"button",role:"radio"},i)),a=i=>{r.forEach((c,s)=>{c.setAttribute("aria-checked",String(s===i)),c.tabIndex=s===i?0:-1})},l=i=>{a(i),r[i].focus(),n(i)};return a(o),r.forEach((i,c)=>{i.addEventListener("click",()=>l(c)),i.addEventListener("keydown",s=>{let h={ArrowRight:1,ArrowDown:1,ArrowLeft:-1,ArrowUp:-1}[s.key];h&&(s.preventDefault(),s.stopPropagation(),l((c+h+e.length)%e.length))})}),d("div",{class:"switch",role:"radiogroup","aria-label":t},d("span",{},t)," ",...r)}var it=new Set,Rt=new WeakMap,Ct=!1;function V(t){for(let e=Nt(t);e;e=Nt(e)){let o=e instanceof Element?Ft(e):null;if(o)return N(o)<.2?"dark":"light"}return It()?.matches&&no()?"dark":"light"}function no(){if(window.parent!==window)return!0;let t=document.createElement("div");t.style.cssText="display:none;background-color:Canvas",document.documentElement.append(t);let e=Ft(t);return t.remove(),!e||N(e)<.2}function st(t,e){Ct||ro(),Ct=!0,Rt.set(t,e),it.add(new WeakRef(t))}function ro(){let t=new MutationObserver(Ot);for(let e of[document.documentElement,document.body])e&&t.observe(e,{attributes:!0});It()?.addEventListener?.("change",Ot)}function Ot(){jt(),setTimeout(jt,400)}function jt(){for(let t of it){let e=t.deref();e?e.isConnected&&Rt.get(e)?.():it.delete(t)}}function Nt(t){return t instanceof ShadowRoot?t.host:t.parentNode}function It(){return typeof matchMedia=="function"?matchMedia("(prefers-color-scheme: dark)"):null}function Ft(t){let e=getComputedStyle(t).backgroundColor.match(/^rgba?\(([\d.]+)[, ]+([\d.]+)[, ]+([\d.]+)(?:[,/ ]+([\d.]+%?))?\)$/);return!e||Number.parseFloat(e[4]??"1")<.5?null:e.slice(1,4).map(Number)}var J={};async function Dt(t){try{let e=JSON.parse(await io(t.dataset.ecco??""));ao(t,e)}catch(e){console.warn("ecco: the static view stays,",e)}}function ao(t,e){let o=Object.hasOwn(J,e.view)?J[e.view]:null;if(!o)throw new Error(`there is no view ${e.view}`);let n=[],r=[],a=V(t),l=d("div",{class:"root","data-theme":a});l.append(o(e,{onTheme(c){n.push(c),c(a)},onAttach:c=>r.push(c)})),t.setAttribute("data-lm-suppress-shortcuts","true"),t.attachShadow({mode:"open"}).append(d("style",{},at),l);for(let c of r)c();st(t,()=>{let c=V(t);if(c!==a){a=c,l.dataset.theme=c;for(let s of n)s(c)}}),so(t)}async function io(t){let e=Uint8Array.from(atob(t),n=>n.charCodeAt(0)),o=new Blob([e]).stream().pipeThrough(new DecompressionStream("gzip"));return new Response(o).text()}function so(t){window.parent===window||typeof ResizeObserver!="function"||new ResizeObserver(()=>{let e=Math.ceil(document.documentElement.getBoundingClientRect().height);window.parent.postMessage({ecco:1,id:t.dataset.eccoId,height:e},"*")}).observe(t)}dispatchEvent(new CustomEvent("ecco-runtime",{detail:Dt}));return Ut(lo);})();
