namespace Kadath.Simulator.Reports.Html;

/// <summary>How the page looks.</summary>
internal static class ReportStyle
{
    /// <summary>The style sheet: colours as variables, so that plots and text change together.</summary>
    public const string Css = """
        :root{--page:#f6f7f9;--card:#fff;--ink:#1c2430;--dim:#5d6878;--rule:#dfe3e9;--c0:#2463c9;--c1:#c75a00;--c2:#0b8463;--good:#0b7a4b;--bad:#b3261e}
        @media(prefers-color-scheme:dark){:root{--page:#12161c;--card:#1a2029;--ink:#e6eaf0;--dim:#98a4b5;--rule:#2d3642;--c0:#6ea8ff;--c1:#ff9f4a;--c2:#3fd0a4;--good:#4fd597;--bad:#ff8a80}}
        *{box-sizing:border-box}
        body{margin:0;background:var(--page);color:var(--ink);font:15px/1.5 system-ui,sans-serif}
        main{max-width:1240px;margin:0 auto;padding:24px 20px 48px}
        h1{font-size:1.6rem;margin:0}h2{font-size:1.15rem;margin:32px 0 12px}
        .hash{margin:2px 0 12px;color:var(--dim)}code{font:13px/1.5 ui-monospace,monospace;overflow-wrap:anywhere}
        .good{color:var(--good);font-weight:600;margin:0}.bad{color:var(--bad);border-left:4px solid;padding:2px 14px}.bad p{margin:0;font-weight:600}
        .tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:12px;margin-bottom:14px}
        .tiles div,figure,.wide{background:var(--card);border:1px solid var(--rule);border-radius:8px}
        .tiles div{padding:10px 14px}.tiles b{display:block;font-size:1.35rem;font-variant-numeric:tabular-nums}.tiles span,.note{color:var(--dim);font-size:13px}
        .wide{overflow-x:auto;padding:4px 14px}
        table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
        th,td{padding:6px 10px 6px 0;border-bottom:1px solid var(--rule);text-align:right}tr:last-child>*{border-bottom:0}thead tr>*{border-bottom:1px solid var(--rule)!important}
        th{font-weight:500;color:var(--dim)}th:first-child{text-align:left}
        .facts th{width:300px;text-align:left}.facts td{text-align:left;overflow-wrap:anywhere}
        .plots{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,480px),1fr));gap:14px}
        figure{margin:0;padding:12px 14px}figure:last-child:nth-child(odd){grid-column:1/-1}figure:last-child:nth-child(odd) svg{max-width:760px}figcaption{font-weight:600;margin-bottom:6px}svg{display:block;width:100%;height:auto}
        .grid{stroke:var(--rule)}.axis{stroke:var(--dim)}.tick{fill:var(--dim);font-size:11px}.label{fill:var(--dim);font-size:12px}
        .line{fill:none;stroke-width:2;stroke-linejoin:round}.s0{stroke:var(--c0)}.s1{stroke:var(--c1);stroke-dasharray:7 3}.s2{stroke:var(--c2);stroke-dasharray:2 3}
        .bar,.dot{fill:var(--c0)}.bar:hover,.dot:hover{fill:var(--c1)}
        .legend{margin:4px 0 0;display:flex;flex-wrap:wrap;gap:4px 18px;font-size:13px}.legend span::before{content:"";display:inline-block;width:22px;border-top:2px solid;margin-right:6px;vertical-align:middle}
        .k0::before{border-color:var(--c0)!important}.k1::before{border-color:var(--c1)!important;border-top-style:dashed!important}.k2::before{border-color:var(--c2)!important;border-top-style:dotted!important}
        @media print{body{background:#fff}figure,.wide,.tiles div{break-inside:avoid}}
        """;
}
