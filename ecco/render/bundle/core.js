var ecco=(()=>{var Q=Object.defineProperty;var Ht=Object.getOwnPropertyDescriptor;var Pt=Object.getOwnPropertyNames;var Gt=Object.prototype.hasOwnProperty;var Kt=(t,e)=>{for(var o in e)Q(t,o,{get:e[o],enumerable:!0})},Ut=(t,e,o,n)=>{if(e&&typeof e=="object"||typeof e=="function")for(let r of Pt(e))!Gt.call(t,r)&&r!==o&&Q(t,r,{get:()=>e[r],enumerable:!(n=Ht(e,r))||n.enumerable});return t};var Wt=t=>Ut(Q({},"__esModule",{value:!0}),t);var ho={};Kt(ho,{LONG:()=>P,STYLES:()=>it,apart:()=>vt,boxes:()=>le,category:()=>Jt,cell:()=>ge,center:()=>se,chart:()=>Ae,columnName:()=>be,contextLine:()=>ie,contrast:()=>dt,detailLine:()=>pe,directionOf:()=>rt,diverging:()=>_,el:()=>f,ends:()=>ke,exactPercent:()=>ut,exactScore:()=>fe,explainedBy:()=>Pe,fill:()=>Z,folded:()=>io,frame:()=>xe,grid:()=>me,hands:()=>we,kinds:()=>B,legend:()=>ye,list:()=>G,luminance:()=>N,magnitude:()=>C,maps:()=>Te,mark:()=>K,markOf:()=>ot,nameOf:()=>oe,palette:()=>D,path:()=>W,percent:()=>ft,pixels:()=>$t,plane:()=>De,quoted:()=>ne,ranges:()=>he,rankScale:()=>Le,rankShade:()=>qt,say:()=>de,scaleOf:()=>Be,score:()=>O,scoreOf:()=>He,seenBy:()=>Y,shareOf:()=>Et,shortRank:()=>ue,shortShare:()=>Ce,strip:()=>ae,svg:()=>E,switcher:()=>no,target:()=>U,textOn:()=>pt,themeOf:()=>J,thumbnail:()=>Oe,views:()=>q,visible:()=>nt,walk:()=>_e,watchTheme:()=>lt,whole:()=>ht,written:()=>R});function f(t,e={},...o){let n=document.createElement(t);for(let[r,a]of Object.entries(e))a!=null&&n.setAttribute(r,String(a));for(let r of o)r!=null&&n.append(r);return n}var z={light:{ink:"#1f1b2d",soft:"#6b6580",faint:"#a49fb5",line:"#e4e1ec",paper:"#ffffff",panel:"#faf9fc",accent:"#6a3fc8",away:"#c2570c",magnitude:["#ffffff","#e9e2f8","#b8a2ea","#754bcb","#341680"],category:["#6a3fc8","#0f8b8d","#c2570c","#c43b7a","#3a7bd5","#7a8b1f"]},dark:{ink:"#ece9f5",soft:"#a49fb8",faint:"#6f6a82",line:"#37333f",paper:"#17151c",panel:"#1d1b23",accent:"#b79cff",away:"#ff9d57",magnitude:["#17151c","#2e254a","#563e96","#9676e8","#ded0ff"],category:["#b79cff","#4cc3c4","#ff9d57","#ff7fb3","#7fb2ff","#c0d35a"]}};var Yt=4.5,Vt=.45,ct=new WeakMap;function D(t){return z[t]}function C(t,e){let o=z[e].magnitude.map(T),n=Math.min(Math.max(t,0),1)*(o.length-1),r=Math.min(Math.floor(n),o.length-2);return tt(o[r],o[r+1],n-r)}function _(t,e){let{paper:o,accent:n,away:r}=z[e];return tt(T(o),T(t>=0?n:r),Math.min(Math.abs(t),1))}function Jt(t,e,o){let{paper:n,soft:r,category:a}=z[o];return tt(T(n),T(e>=0?a[t%a.length]:r),Vt*Math.min(Math.abs(e),1))}function qt(t,e){return e>1?1-Math.log(t)/Math.log(e):1}function pt(t,e){let{ink:o,paper:n}=z[e];return[o,n,"#000000","#ffffff"].find(a=>dt(a,t)>=Yt)??"#000000"}function Z(t,e,o){let n=e===null||e===z[o].paper,r=n?"":e;ct.get(t)!==r+o&&(ct.set(t,r+o),t.style.backgroundColor=r,t.style.color=n?"":pt(e,o))}function dt(t,e){let[o,n]=[N(T(t)),N(T(e))].sort((r,a)=>r-a);return(n+.05)/(o+.05)}function N(t){let[e,o,n]=t.map(r=>r/255).map(r=>r<=.04045?r/12.92:((r+.055)/1.055)**2.4);return .2126*e+.7152*o+.0722*n}function T(t){return[1,3,5].map(e=>Number.parseInt(t.slice(e,e+2),16))}function tt(t,e,o){return`#${t.map((r,a)=>Math.floor(r+(e[a]-r)*o+.5)).map(r=>r.toString(16).padStart(2,"0")).join("")}`}var Qt=/[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}]/u,Zt=/[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}\p{Script=Adlam}]/u,te={"\n":"newline","	":"tab","\r":"carriage return"},ee="\u200C\u200D";function ot(t){return t===`
`?"\u21B5":t==="	"?"\u2192":"\u2028\u2029\x85".includes(t)?"\u2424":t<" "?String.fromCharCode(9216+t.charCodeAt(0)):t==="\x7F"?"\u2421":Qt.test(t)&&!ee.includes(t)?"\uFFFD":null}function nt(t){return Array.from(t,e=>ot(e)??e).join("")}function oe(t){return t?nt(t.text.replace(/^ +| +$/g,""))||"\xB7":""}function ne(t,e=120){let o=Array.from(nt(t)||"\xB7"),n=o.length>e?`${o.slice(0,e).join("")}\u2026`:o.join("");return f("span",{class:"quote"},"\u201C",f("bdi",{},n),"\u201D")}function rt(t){let e=t.map(({text:o})=>o.match(/\p{L}/u)?.[0]).find(Boolean);return e&&Zt.test(e)?"rtl":"ltr"}function R(t,{breaks:e}){if(t.part||t.text===""){let l=t.part?"piece of a character":"no text",i=f("span",{class:"w"},et("","\u25E6",l));return{nodes:[i],words:[i]}}let o=t.text.replace(/^ +/,""),n=t.text.slice(0,t.text.length-o.length);if(o===""){let l=f("span",{class:"w"},...Array.from(n,i=>et(i,"\xB7","space")));return{nodes:[l],words:[l]}}let r=n?[document.createTextNode(n)]:[],a=[];for(let l of o.match(/[^\n]*\n|[^\n]+/g)??[]){let i=f("span",{class:"w"},...re(l,e));a.push(i),r.push(i),e&&l.endsWith(`
`)&&r.push(document.createTextNode(`
`))}return{nodes:r,words:a}}function re(t,e){let o=[],n="";for(let r of t){let a=ot(r);if(a===null){n+=r;continue}n&&o.push(n),n="",o.push(et(r===`
`&&e?"":r,a,te[r]??"control character"))}return n?[...o,n]:o}function et(t,e,o){return f("span",{class:"m",role:"img","data-sign":e,"aria-label":o},t)}var P=500;function ae(t,{nInput:e,signed:o,label:n,twoSided:r=!1}){let a=t.map(s=>R(s,{breaks:!0})),l=a.map(({nodes:s},h)=>f("span",{class:B(t[h],h,e),role:"option"},...s)),i=o?_:C,c=l.flatMap((s,h)=>r&&h===e?[f("br",{}),s]:[s]);return{items:l,element:f("div",{class:t.length>P?"text long":"text",...G(t,n)},...c),paint(s,h,u){for(let d of a[s].words)Z(d,h===null?null:i(h,u),u)}}}function G(t,e){return t.length?{role:"listbox","aria-label":e,"aria-orientation":"horizontal"}:{}}function B(t,e,o){return`t${/^ +[^ ]/.test(t.text)?" led":""}${e>=o?" out":""}${t.special?" special":""}`}function ie({context:t,context_cut:e,after:o=[],after_cut:n}){let r=a=>a.map(l=>f("span",{class:B(l,0,1)},...R(l,{breaks:!1}).nodes));return f("div",{class:"text context"},e?t[0]?.text.startsWith(" ")?"\u2026":"\u2026 ":null,...r(t),f("span",{class:"gap"}),...r(o),n?" \u2026":null)}function se(t,e){!e||t.scrollHeight<=t.clientHeight||(t.scrollTop+=e.getBoundingClientRect().top-t.getBoundingClientRect().top-t.clientHeight*2/3)}function le(t,{nInput:e,signed:o,label:n,digits:r,twoSided:a=!1}){let l=t.map(()=>f("span",{class:"bar"})),i=t.map(()=>document.createTextNode("")),c=t.map((h,u)=>f("div",{class:`${B(h,u,e)} box`,role:"option"},l[u],ce(h),f("span",{class:"number",style:`width:${r}ch`},i[u]))),s=c.flatMap((h,u)=>t[u].text.endsWith(`
`)||a&&u+1===e?[h,f("div",{class:"break"})]:[h]);return{items:c,element:f("div",{class:`boxes${t.length>P?" long":""}${o?" signed":""}`,dir:rt(t),...G(t,n)},...s),paint(h,u,d,m){l[h].style.transform=`scaleY(${Math.max(-1,Math.min(u??0,1)).toFixed(3)})`,l[h].classList.toggle("away",u!==null&&u<0),i[h].data!==m&&(i[h].data=m)}}}function ce(t){let e={...t,text:t.text.replace(/^ +(?=[^ ])/,"")};return f("bdi",{class:"name"},...R(e,{breaks:!1}).nodes)}function pe(){return f("div",{class:"detail","aria-live":"polite"})}function de(t,...e){let o=e.filter(n=>n!==null);t.replaceChildren(...o.flatMap((n,r)=>[...r?[" \xB7 "]:[],...[n].flat()]))}function ft(t){return t===null?"\u2013":`${(100*t).toFixed(1)}%`}function ut(t){if(t===null)return"unknown";let e=Number((100*t).toPrecision(4));return e!==0&&Math.abs(e)<1e-4?`${e.toExponential()}%`:`${e}%`}function O(t,e,o){if(e==="share")return ft(t);let n=o>0?Math.floor(Math.log10(o)):0;return n>=-3&&n<6?(t+0).toFixed(Math.max(0,2-n)):Math.abs(t)<o/1e3?"0":t.toExponential(1)}function fe(t,e){return e==="share"?ut(t):String(t)}function ue(t){return t===null?"\u2013":t<1e4?ht(t):t<999500?`${(t/1e3).toFixed(0)}k`:`${(t/1e6).toFixed(1)}M`}function he(t){let e=[];for(let o of t){let n=e[e.length-1];n&&n[1]+1===o?n[1]=o:e.push([o,o])}return e.map(([o,n])=>o===n?`${o}`:`${o}${n===o+1?", ":"\u2013"}${n}`).join(", ")}function ht(t){return String(t).replace(/\B(?=(\d{3})+$)/g,",")}function xe(t,{drawing:e,detail:o,keys:n,touch:r,legend:a}){return f("div",{role:"figure","aria-label":t.title},f("div",{class:"head"},f("b",{},t.title)," ",f("span",{},t.subtitle)),...e,o,t.note?f("div",{class:"note"},t.note):null,f("div",{class:"foot"},n&&r?f("span",{},f("span",{class:"keys"},n),f("span",{class:"touch"},r)):null,a))}function me({label:t,name:e,rows:o,head:n,foot:r,fit:a=!1}){let l=o.map(s=>f("th",{scope:"row",class:"layer"},s.name)),i=f("tbody",{},...o.map((s,h)=>f("tr",{},l[h],...s.cells))),c=f("table",{role:"grid","aria-label":t,class:e},n?f("thead",{},f("tr",{},xt(),...n)):null,i,r?f("tfoot",{},f("tr",{},xt(),...r)):null);return{element:f("div",{class:a?"scroll fit":"scroll"},c),cells:o.flatMap(s=>s.cells),columns:Math.max(1,...o.map(s=>s.cells.length)),names:l}}function ge(...t){return f("td",{role:"gridcell"},...t)}function be(t,e){return f("th",{scope:"col",class:e},f("bdi",{class:"name"},t))}function xt(){return f("td",{class:"layer"})}function K(t,e){for(let[o,n]of t.entries())n.classList.toggle("on",o===e)}function we(t,e,{show:o,columns:n=0,start:r=0,holds:a=()=>!0}){let l=new Map(e.map((p,x)=>[p,x])),i=null,c=null,s=null,h=Math.min(Math.max(r,0),e.length-1),u={at:null,held:null},d=()=>{let p={at:i??c,held:s};u.at!==null&&e[u.at].classList.remove("pointed"),u.held!==null&&e[u.held].classList.remove("held"),p.at!==null&&p.at!==s&&e[p.at].classList.add("pointed"),s!==null&&e[s].classList.add("held"),u=p,o(p)},m=p=>{for(let x=p.target;x&&x!==t;x=x.parentNode){let v=l.get(x);if(v!==void 0)return v}return null},w=p=>{e[h].tabIndex=-1,h=p,e[h].tabIndex=0},$=p=>{s!==null&&e[s].setAttribute("aria-selected","false"),s=p===s||p===null||!a(p)?null:p,s!==null&&e[s].setAttribute("aria-selected","true"),d()},b=p=>{i=null,w(p),e[p].focus()},M=()=>s!==null?$(null):(i===null&&e[h].blur(),i=null,d());e.forEach((p,x)=>{p.tabIndex=x===h?0:-1,a(x)&&p.setAttribute("aria-selected","false")}),t.addEventListener("pointerover",p=>{let x=m(p);x===null||x===i||(i=x,d())}),t.addEventListener("pointerleave",()=>{i=null,d()}),t.addEventListener("focusin",p=>{let x=m(p);x!==null&&(w(x),c=x,d())}),t.addEventListener("focusout",()=>{c=null,d()}),t.addEventListener("click",p=>{let x=m(p);x!==null&&(w(x),a(x)&&$(x))}),t.addEventListener("keydown",p=>{let x=m(p);if(x===null||p.altKey||p.metaKey)return;let v=U(p,x,e.length,n,S=>ve(e,x,S));if(v!==null)b(v);else if(p.key==="Enter"||p.key===" ")a(x)&&$(x);else if(p.key==="Escape")M();else return;p.preventDefault(),p.stopPropagation()}),d()}function U(t,e,o,n,r){let a=o-1,l=n>1&&!t.ctrlKey?e-e%n:0,i=n>1&&!t.ctrlKey?Math.min(l+n-1,a):a;if(t.key==="Home")return l;if(t.key==="End")return i;if(t.ctrlKey)return null;if(t.key==="ArrowLeft")return Math.max(e-1,l);if(t.key==="ArrowRight")return Math.min(e+1,i);let c=t.key==="ArrowDown"?1:t.key==="ArrowUp"?-1:0;if(c===0)return null;let s=n?e+c*n:r(c);return s<0||s>a?e:s}function ve(t,e,o){let n=t[e].getBoundingClientRect(),r=e,a=n.top,l=Number.POSITIVE_INFINITY;for(let i=e+o;t[i];i+=o){let c=t[i].getBoundingClientRect();if(Math.abs(c.top-a)>n.height/2){if(r!==e)break;a=c.top}if(Math.abs(a-n.top)<=n.height/2)continue;let s=Math.abs(c.left+c.width/2-n.left-n.width/2);s>=l||(l=s,r=i)}return r}function ye(t,{signed:e,low:o,high:n,digits:r=0}){let[a,l]=[mt("low",o,r),mt("high",n,r)],i=f("span",{class:"ramp","aria-hidden":"true"});return t.onTheme(c=>{i.style.backgroundImage=`linear-gradient(90deg,${Me(e,c).join()})`}),{element:f("div",{class:"legend"},a," ",i," ",l),set(c,s){a.textContent=c,l.textContent=s}}}function ke(t,e,o){return[O(o?-t:0,e,t),O(t,e,t)]}function mt(t,e,o){return f("span",{class:t,style:`min-width:${o}ch`},e)}function Me(t,e){return Array.from({length:9},(o,n)=>t?_(n/4-1,e):C(n/8,e))}function E(t,e={},...o){let n=document.createElementNS("http://www.w3.org/2000/svg",t);for(let[r,a]of Object.entries(e))n.setAttribute(r,String(a));return n.append(...o),n}function W(t){return`M${t.map(([e,o])=>`${e.toFixed(1)},${o.toFixed(1)}`).join("L")}`}var[gt,Ee,L,$e,Se]=[24,34,44,116,15],[bt,wt]=[["none","7 3","2 3"],13];function Ae(t,{title:e,label:o,steps:n,scale:r,width:a,height:l}){let[i,c]=[a-$e,l-Ee],s=p=>n.length>1?L+8+p/(n.length-1)*(i-L-16):(L+i)/2,h=p=>c-Math.min(1,Math.max(0,r.at(p)))*(c-gt-6),u=E("text",{class:"title",x:L,y:12},e),d=E("g"),m=Math.ceil(n.length*26/(i-L)),w=E("svg",{class:"lines",width:a,height:l,viewBox:`0 0 ${a} ${l}`,role:"img","aria-label":o},u,...r.ticks.flatMap(({value:p,text:x})=>[E("line",{class:"rule",x1:L,x2:i,y1:h(p),y2:h(p)}),E("text",{x:L-6,y:h(p)+4,"text-anchor":"end"},x)]),...n.flatMap((p,x)=>(n.length-1-x)%m?[]:[E("text",{x:s(x),y:c+15,"text-anchor":"middle"},p)]),E("text",{x:(L+i)/2,y:l-4,"text-anchor":"middle"},"layer"),d),$=[],b="light",M=()=>{let p=D(b).category;$.forEach((x,v)=>{x.style.color=p[v%p.length]})};return t.onTheme(p=>{b=p,M()}),{element:w,draw(p,x=e){u.textContent=x;let v=p.map(({values:g})=>g.map(k=>k!==null).lastIndexOf(!0)),S=p.map((g,k)=>k).filter(g=>v[g]>=0),I=S.map(g=>h(p[g].values[v[g]])),y=vt(I,Se,gt+2,c);$=p.map(({values:g},k)=>{let F=bt[Math.floor(k/6)%bt.length],H=g.map((A,Bt)=>A===null?null:[s(Bt),h(A)]);return E("g",{class:"line"},...ze(H).map(A=>E("path",{class:"curve",d:W(A),"stroke-dasharray":F})),...H.flatMap(A=>A?[E("circle",{cx:A[0],cy:A[1],r:2.5})]:[]))}),S.forEach((g,k)=>{let F=p[g].name,H=F.length>wt?`${F.slice(0,wt-1)}\u2026`:F;$[g].append(E("path",{class:"leader",d:W([[s(v[g])+4,I[k]],[i+4,y[k]]])}),E("text",{class:"end",x:i+8,y:y[k]+4},H))}),d.replaceChildren(...$),M()},mark(p){$.forEach((x,v)=>{x.classList.toggle("off",p>=0&&v!==p)})}}}function Le(t,e){let o=Math.max(10,...t.map(r=>r??1)),n=Array.from({length:Math.floor(Math.log10(o)+1e-9)+1},(r,a)=>10**a);return{at:r=>1-Math.log(r)/Math.log(o),ticks:n.map(r=>({value:r,text:e(r)}))}}function vt(t,e,o,n){let r=t.map((c,s)=>s).sort((c,s)=>t[c]-t[s]||c-s),a=[];for(let c of r){let s={members:[c],start:i([c])};for(let h=a[a.length-1];h&&h.start+h.members.length*e>s.start;)a.pop(),s={members:[...h.members,...s.members],start:i([...h.members,...s.members])},h=a[a.length-1];a.push(s)}let l=t.slice();for(let{members:c,start:s}of a)c.forEach((h,u)=>{l[h]=s+u*e});return l;function i(c){let s=c.reduce((u,d)=>u+t[d],0)/c.length,h=(c.length-1)*e;return Math.max(o,Math.min(n-h,s-h/2))}}function ze(t){let e=[[]];for(let o of t)o?e[e.length-1].push(o):e.push([]);return e.filter(o=>o.length>1)}function Te(t){let{queries:e,keys:o,columns:n,causal:r,first_query:a}=t,[l,i]=[Mt(t.weights),t.rest===null?null:Mt(t.rest)],c=(o??e).length,s=d=>r?(d*(d+1)-a*(a+1))/2:(d-a)*c,h=s(e.length),u=d=>d<a?0:r?d+1:c;return{width:c,seen:u,row(d,m){let w=d*h+s(m);return m<a?new Uint8Array(0):l.subarray(w,w+u(m))},rest(d,m){return i===null||m<a?0:Et(i[d*(e.length-a)+m-a])},count:t.layers.length*n.length}}function Et(t){return(t/255)**2}function Ce(t,e){return t===0?e?`<${Number((100*e).toPrecision(2))}%`:"0%":t>=.0995?`${(100*t).toFixed(0)}%`:t<5e-4?"<0.1%":`${(100*t).toFixed(1)}%`}function Oe(t){let e=2*t,o=f("canvas",{width:e,height:e,style:`width:${t}px;height:${t}px`});return{element:o,paint(n,r,a,l){let i=o.getContext?.("2d");if(!i)return;let c=i.createImageData(e,e);c.data.set($t(n,r,a,e,l)),i.putImageData(c,0,0)}}}function $t(t,e,o,n,r){let a=new Uint8ClampedArray(4*n*n),l=je(r);for(let i=0;i<n;i++){let c=yt(i,o,n).map(s=>t.row(e,s));for(let s=0;s<n;s++){let h=-1;for(let u of c)for(let d of yt(s,t.width,n))d<u.length&&(h=Math.max(h,u[d]));h>=0&&a.set(l[h],4*(i*n+s))}}return a}function yt(t,e,o){let n=Math.floor(t*e/o),r=Math.max(n+1,Math.floor((t+1)*e/o));return Array.from({length:r-n},(a,l)=>n+l)}var kt=new Map;function je(t){let e=kt.get(t);if(e)return e;let o=Array.from({length:256},(n,r)=>{let a=C(r/255,t);return[...[1,3,5].map(l=>Number.parseInt(a.slice(l,l+2),16)),255]});return kt.set(t,o),o}function Mt(t){return Uint8Array.from(atob(t),e=>e.charCodeAt(0))}var[St,Ne,Re,Ie,at]=[2,24,860,600,12],zt=14,Fe=8e6;function De({label:t,rows:e,columns:o,split:n,seen:r}){let a=f("canvas"),l=f("div",{class:"cursor",role:"gridcell",tabindex:0,"aria-selected":"false"}),i=f("div",{class:"field",role:"grid","aria-label":t},a,f("div",{role:"row"},l)),[c,s]=[f("div",{class:"top"},...o),f("div",{class:"side"},...e)],h=f("div",{class:"scroll"},f("div",{class:"plane"},f("div",{class:"corner"}),c,s,i));s.style.width=`${At(e,16)}ch`,c.style.height=`${At(o,12)}ch`;let u={width:0,height:0},d=b=>b*u.width+(n&&b>=n?at:0),m=b=>b?d(b-1)+u.width:0;return{element:h,field:i,cursor:l,fit:b=>{let M=(b||Re)-s.offsetWidth-at;u.width=X(Math.floor(2*M/o.length)/2,St,Ne),u.height=X(Math.floor(2*Ie/e.length)/2,St,Math.max(u.width,zt)),i.style.width=c.style.width=`${m(o.length)}px`,i.style.height=s.style.height=`${e.length*u.height}px`,Lt(e,u.height,(p,x)=>{p.style.top=`${(x+.5)*u.height}px`}),Lt(o,u.width,(p,x)=>{p.style.left=`${d(x)+u.width/2}px`}),l.style.width=`${u.width}px`,l.style.height=`${u.height}px`},point:({row:b,column:M})=>{l.style.transform=`translate(${d(M)}px,${b*u.height}px)`},under(b){let M=i.getBoundingClientRect(),p=b.clientX-M.left-(n&&b.clientX-M.left>=d(n)?at:0);return{row:X(Math.floor((b.clientY-M.top)/u.height),0,e.length-1),column:X(Math.floor(p/u.width),0,o.length-1)}},paint(b,M){let p=a.getContext?.("2d"),[x,v]=[m(o.length),e.length*u.height],S=Math.min(2,Math.sqrt(Fe/(x*v)));if(a.width=Math.ceil(x*S),a.height=Math.ceil(v*S),!p)return;p.scale(S,S);let I=Math.min(u.width,u.height)>=8?1:0;for(let y=0;y<e.length;y++)for(let g=0;g<r(y);g++){let k=b(y,g);k!==null&&(p.fillStyle=k,p.fillRect(d(g),y*u.height,u.width-I,u.height-I))}p.fillStyle=M;for(let y=0;y<e.length;y++){let[g,k]=[m(r(y)),m(y?r(y-1):0)];p.fillRect(Math.min(g,k),y*u.height,Math.abs(g-k),1),p.fillRect(g-1,y*u.height,1,u.height)}}}}function At(t,e){return Math.min(e,Math.max(...t.map(({textContent:o})=>Array.from(o??"").length)))}function Lt(t,e,o){let n=Math.ceil(zt/e);for(let[r,a]of t.entries())o(a,r),a.classList.toggle("thin",r%n!==0)}function _e(t,{rows:e,columns:o,seen:n},r){let{field:a,cursor:l}=t,i={hover:null,focus:!1,held:null},c={row:e.length-1,column:Math.max(0,n(e.length-1)-1)},s=()=>{let d=i.hover??(i.focus?c:null),m=i.held??d;l.classList.toggle("pointed",d!==null),l.classList.toggle("held",i.held!==null),l.setAttribute("aria-selected",String(i.held!==null)),K(e,m?m.row:-1),K(o,m?m.column:-1),t.point(m??c),l.setAttribute("aria-label",h(m??c)),r(m)},h=({row:d,column:m})=>`${e[d].textContent}, ${o[m].textContent}`,u=d=>{let m=d&&i.held&&d.row===i.held.row&&d.column===i.held.column;i.held=m?null:d,s()};a.addEventListener("pointermove",d=>{i.hover=t.under(d),s()}),a.addEventListener("pointerleave",()=>{i.hover=null,s()}),a.addEventListener("click",d=>{c=t.under(d),u(c)}),l.addEventListener("focus",()=>{i.focus=!0,s()}),l.addEventListener("blur",()=>{i.focus=!1,s()}),l.addEventListener("keydown",d=>{if(d.altKey||d.metaKey)return;let m=U(d,c.row*o.length+c.column,e.length*o.length,o.length,()=>-1);if(m!==null)i.hover=null,c={row:Math.floor(m/o.length),column:m%o.length},s(),l.scrollIntoView?.({block:"nearest",inline:"nearest"});else if(d.key==="Enter"||d.key===" ")u(c);else if(d.key==="Escape"&&i.held)u(null);else if(d.key==="Escape")l.blur();else return;d.preventDefault(),d.stopPropagation()}),s()}function X(t,e,o){return Math.max(e,Math.min(t,o))}function Be({scores:t,unit:e}){let o=t.map(l=>l.map(i=>i??0)),n=o.map(l=>Math.max(0,...l.map(Math.abs))),r=Math.max(0,...n),a=o.flatMap((l,i)=>[Math.min(0,...l),Math.max(0,...l)].flatMap(s=>[O(s,e,r),O(s,e,n[i])]));return{extents:n,most:r,digits:Math.max(4,...a.map(l=>l.length))}}function Y({seen:t,targets:e},o){return t?t[o]:e[o]}function He(t,e,o){let{targets:n,scores:r}=t;return!n.length||o>=Y(t,e)?null:o<r[e].length?r[e][o]:0}function Pe({explained:t,named:e,tokens:o,targets:n},r){return t?.[r]??e??o[n[r]]??{text:"?"}}var j='ui-monospace,"SF Mono",Menlo,Consolas,"DejaVu Sans Mono",monospace',V='ui-sans-serif,system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif';function Tt(t){return`${Object.entries(D(t)).filter(([,o])=>typeof o=="string").map(([o,n])=>`--${o}:${n}`).join(";")};color-scheme:${t}`}var Ge=`
:host{all:initial;display:block!important;padding:0!important;border:0!important;outline:0!important;background:none!important;
opacity:1!important;filter:none!important;transform:none!important;visibility:visible!important;columns:auto!important;
box-shadow:none!important;overflow:visible!important;zoom:1!important}
.root{all:initial;direction:ltr;display:block;box-sizing:border-box;padding:14px 16px;border-radius:5px;text-align:left;
background:var(--paper);color:var(--ink);font:12px/1.5 ${V};-webkit-text-size-adjust:100%;${Tt("light")}}
.root[data-theme=dark]{${Tt("dark")}}
.root *{box-sizing:border-box}`,Ke=`
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
@media (max-width:640px){.detail{height:3em;white-space:normal;display:-webkit-box;-webkit-box-orient:vertical;-webkit-line-clamp:2}}`,Ue=`
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
.chip.on{color:var(--ink);border-color:var(--accent);background:color-mix(in srgb,var(--accent) 12%,var(--paper))}`,We=`
.boxes{display:flex;flex-wrap:wrap;gap:5px 4px;padding:2px}
.boxes.long{max-height:600px;overflow-y:auto}
.break{flex-basis:100%;height:3px}
.box{position:relative;min-width:30px;padding:4px 9px 4px 12px;border:1px solid var(--line);border-radius:4px;background:var(--panel);font:14px/1.35 ${j};max-width:100%}
.box .name{display:block;overflow:hidden;text-overflow:ellipsis;white-space:pre;max-width:40ch;--size:14px}
.box .number{display:block;height:15px;contain:strict;white-space:pre;font:11px/1.35 ${V};font-variant-numeric:tabular-nums;color:var(--soft)}
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
.box.pointed{border-color:var(--soft)}`,Xe=`
.methods{display:grid;grid-template-columns:fit-content(24%) minmax(0,1fr);gap:6px 18px;align-items:baseline;margin-bottom:16px}
.method{padding-top:4px;text-align:right}
.most{display:block;font-size:11px;color:var(--soft);font-variant-numeric:tabular-nums}
.methods .same:not(:focus-visible) .w{outline:1.5px solid var(--faint);z-index:1}
.caption{font-size:11px;color:var(--soft);margin-bottom:2px}
@media (max-width:640px){.methods{grid-template-columns:1fr;gap:0}.method{text-align:left}.method .most{display:inline;margin-left:8px}}`,Ye=`
.charts{display:flex;flex-wrap:wrap;gap:8px 28px;margin-bottom:10px}
.charts svg{max-width:100%;height:auto}
svg text{fill:var(--soft);font:11px ${V};font-variant-numeric:tabular-nums}
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
.figures .name{font:11px/16px ${V};white-space:normal;display:block;max-width:130px;padding:0 4px}
.figures .layer{padding-left:10px}`,Ve=`
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
.swatch.away{background:var(--away);margin-left:8px}`,Je=`
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
.choice.same .share{color:var(--ink)}`,qe=`
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
.maps td.pointed:not(.chosen){box-shadow:0 0 0 2px var(--soft)}`,Qe=`
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
.cursor.held{outline-color:var(--accent)}`,Ze=`
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
.tools :focus-visible{outline:2px solid var(--ink)}`,to=`
.trace td[role]{min-width:44px;padding:0 4px;font-size:11px;background:var(--panel)}
.trace .name{max-width:96px}
.trace .corrupted .name{text-decoration:underline 2px var(--away);text-underline-offset:4px}
.trace .begins{border-left:14px solid transparent;background-clip:padding-box}`,eo=`
.ranked{display:grid;grid-template-columns:max-content fit-content(45%) minmax(40px,1fr) max-content;gap:0 12px;max-width:600px}
.row{display:grid;grid-template-columns:2em 12em 1fr 4em;grid-template-columns:subgrid;grid-column:1/-1;align-items:center;height:26px;border-radius:4px;padding:0 8px;cursor:pointer;font-variant-numeric:tabular-nums}
.row .rank{color:var(--soft);font-size:11px;text-align:right}
.row .share{text-align:right}
.row .track{height:8px;border-radius:4px;overflow:hidden}
.row .bar{display:block;height:100%;border-radius:4px;background:var(--accent);forced-color-adjust:none}
.row.pointed,.row.held{background:var(--panel)}
.row.held .name,.row.first .name{font-weight:600}
.row:focus-visible,.row.held{outline:2px solid var(--ink);outline-offset:-2px}
.row.held{outline-color:var(--accent)}`,oo=`
@media (prefers-reduced-motion:reduce){.root *{transition:none!important}}
@media (forced-colors:active){.w[style*=background],.ranks td[style*=background]{forced-color-adjust:none}.now .w,.hit .name{text-decoration:underline;text-decoration-thickness:3px}.choice.hit,.ranks td.first,.row.held{outline:1px solid}.box.now,.box.held{border-width:2px;padding:3px 8px 3px 11px}.gap{border-color:CanvasText}}
@media print{.root *{print-color-adjust:exact;-webkit-print-color-adjust:exact}.long,.scroll{max-height:none}.keys,.touch{display:none}}`,it=[Ge,Ke,Ue,We,Xe,Ye,Ve,Je,qe,Qe,Ze,to,eo,oo].join("").replace(/\n/g,"");function no(t,e,o,n){let r=e.map(i=>f("button",{type:"button",role:"radio"},i)),a=i=>{r.forEach((c,s)=>{c.setAttribute("aria-checked",String(s===i)),c.tabIndex=s===i?0:-1})},l=i=>{a(i),r[i].focus(),n(i)};return a(o),r.forEach((i,c)=>{i.addEventListener("click",()=>l(c)),i.addEventListener("keydown",s=>{let h={ArrowRight:1,ArrowDown:1,ArrowLeft:-1,ArrowUp:-1}[s.key];h&&(s.preventDefault(),s.stopPropagation(),l((c+h+e.length)%e.length))})}),f("div",{class:"switch",role:"radiogroup","aria-label":t},f("span",{},t)," ",...r)}var st=new Set,Rt=new WeakMap,Ct=!1;function J(t){for(let e=Nt(t);e;e=Nt(e)){let o=e instanceof Element?Ft(e):null;if(o)return N(o)<.2?"dark":"light"}return It()?.matches&&ro()?"dark":"light"}function ro(){if(window.parent!==window)return!0;let t=document.createElement("div");t.style.cssText="display:none;background-color:Canvas",document.documentElement.append(t);let e=Ft(t);return t.remove(),!e||N(e)<.2}function lt(t,e){Ct||ao(),Ct=!0,Rt.set(t,e),st.add(new WeakRef(t))}function ao(){let t=new MutationObserver(Ot);for(let e of[document.documentElement,document.body])e&&t.observe(e,{attributes:!0});It()?.addEventListener?.("change",Ot)}function Ot(){jt(),setTimeout(jt,400)}function jt(){for(let t of st){let e=t.deref();e?e.isConnected&&Rt.get(e)?.():st.delete(t)}}function Nt(t){return t instanceof ShadowRoot?t.host:t.parentNode}function It(){return typeof matchMedia=="function"?matchMedia("(prefers-color-scheme: dark)"):null}function Ft(t){let e=getComputedStyle(t).backgroundColor.match(/^rgba?\(([\d.]+)[, ]+([\d.]+)[, ]+([\d.]+)(?:[,/ ]+([\d.]+%?))?\)$/);return!e||Number.parseFloat(e[4]??"1")<.5?null:e.slice(1,4).map(Number)}function io(t,{spans:e,subtitle:o}){let{tokens:n,targets:r,n_input:a,unit:l}=t,i=so(n.length,e),c=[...i.flatMap(([d,m],w)=>Array(m-d).fill(w)),i.length],s=new Map;r.forEach((d,m)=>{s.set(c[d],[...s.get(c[d])??[],m])});let h=[...s.values()],u=h.map(d=>{let m=Math.min(...d.map(w=>Y(t,w)));return i.filter(([,w])=>w<=m).length});return{...t,subtitle:o,tokens:i.map(d=>Dt(n,d)),n_input:c[a]??i.length,targets:[...s.keys()],seen:u,scores:h.map((d,m)=>{let w=i.slice(0,u[m]).map($=>lo(t.scores,d,$));return l==="share"?co(w):w}),explained:t.explained&&h.map(d=>Dt(t.explained??[],[d[0],d[d.length-1]+1])),words:void 0}}function so(t,e){let o=new Map(e),n=[];for(let r=0;r<t;r=n[n.length-1][1])n.push([r,o.get(r)??r+1]);return n}function Dt(t,[e,o]){let n=t.slice(e,o);return o-e===1?n[0]:{id:-1,text:n.map(({text:r})=>r).join("")}}function lo(t,e,[o,n]){let r=e.flatMap(a=>t[a].slice(o,n)).filter(a=>a!==null);return r.length?r.reduce((a,l)=>a+l,0):o<(t[e[0]]?.length??0)?null:0}function co(t){let e=t.reduce((o,n)=>o+Math.abs(n??0),0)||1;return t.map(o=>o===null?null:o/e)}var q={};async function _t(t){try{let e=JSON.parse(await fo(t.dataset.ecco??""));po(t,e)}catch(e){console.warn("ecco: the static view stays,",e)}}function po(t,e){let o=Object.hasOwn(q,e.view)?q[e.view]:null;if(!o)throw new Error(`there is no view ${e.view}`);let n=[],r=[],a=J(t),l=f("div",{class:"root","data-theme":a});l.append(o(e,{onTheme(c){n.push(c),c(a)},onAttach:c=>r.push(c)})),t.setAttribute("data-lm-suppress-shortcuts","true"),t.attachShadow({mode:"open"}).append(f("style",{},it),l);for(let c of r)c();lt(t,()=>{let c=J(t);if(c!==a){a=c,l.dataset.theme=c;for(let s of n)s(c)}}),uo(t)}async function fo(t){let e=Uint8Array.from(atob(t),n=>n.charCodeAt(0)),o=new Blob([e]).stream().pipeThrough(new DecompressionStream("gzip"));return new Response(o).text()}function uo(t){window.parent===window||typeof ResizeObserver!="function"||new ResizeObserver(()=>{let e=Math.ceil(document.documentElement.getBoundingClientRect().height);window.parent.postMessage({ecco:1,id:t.dataset.eccoId,height:e},"*")}).observe(t)}dispatchEvent(new CustomEvent("ecco-runtime",{detail:_t}));return Wt(ho);})();
