// What the page gains with JavaScript: tabs, theme switch, column search, copy button, a game of
// cards, and two interactive charts. Every number is on the page without it.
"use strict";
(() => {
  const $ = (id) => document.getElementById(id);
  const root = document.documentElement;
  const data = JSON.parse($("data").textContent);
  const redraws = new Set();

  // ---- theme
  const dark = () => (root.dataset.theme || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
  const theme = $("theme");
  const named = () => { theme.textContent = dark() ? "Light" : "Dark"; };
  theme.hidden = false;
  named();
  theme.addEventListener("click", () => {
    root.dataset.theme = dark() ? "light" : "dark";
    named();
    redraws.forEach((draw) => draw());
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    named();
    redraws.forEach((draw) => draw());
  });

  // ---- tabs: the links to the parts of the page, of which one is shown at a time
  const tabs = [...$("tabs").querySelectorAll("a")];
  const panels = tabs.map((tab) => $(tab.hash.slice(1)));
  const select = (chosen) => tabs.forEach((tab, i) => {
    tab.setAttribute("aria-selected", String(i === chosen));
    tab.tabIndex = i === chosen ? 0 : -1;
    panels[i].hidden = i !== chosen;
  });
  // A link may lead to something inside a part that is not shown.
  const follow = (hash) => {
    const aim = hash.length > 1 && document.getElementById(decodeURIComponent(hash.slice(1)));
    const chosen = aim ? panels.findIndex((panel) => panel.contains(aim)) : 0;
    if (chosen < 0) return;
    select(chosen);
    if (aim && aim !== panels[chosen]) aim.scrollIntoView();
    else scrollTo(0, 0);
  };
  $("tabs").setAttribute("role", "tablist");
  tabs.forEach((tab, i) => {
    tab.parentElement.setAttribute("role", "presentation");
    tab.setAttribute("role", "tab");
    tab.setAttribute("aria-controls", panels[i].id);
    panels[i].setAttribute("role", "tabpanel");
    panels[i].setAttribute("aria-labelledby", tab.id);
    tab.addEventListener("keydown", (event) => {
      const to = { ArrowRight: i + 1, ArrowLeft: i - 1, Home: 0, End: tabs.length - 1 }[event.key];
      if (to === undefined) return;
      event.preventDefault();
      tabs[(to + tabs.length) % tabs.length].focus();
      tabs[(to + tabs.length) % tabs.length].click();
    });
  });
  document.addEventListener("click", (event) => {
    const link = event.target.closest('a[href^="#"]');
    if (link && link.hash === location.hash) follow(link.hash); // no hash changes
  });
  addEventListener("hashchange", () => follow(location.hash));
  follow(location.hash);

  // ---- a game of cards
  const guesses = [...document.querySelectorAll(".guess")];
  const score = $("score");
  let right = 0;
  let given = 0;
  for (const card of guesses) {
    const answer = card.querySelector("details");
    const row = document.createElement("p");
    const buttons = [["Real", "1"], ["Synthetic", "0"]].map(([word, code]) => {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = word;
      button.addEventListener("click", () => {
        right += card.dataset.real === code;
        given += 1;
        buttons.forEach((one) => { one.disabled = true; });
        button.setAttribute("aria-pressed", "true");
        answer.hidden = false;
        answer.open = true;
        score.textContent = `${right} of ${given} right` + (given < guesses.length ? "" : "; that was all");
      });
      return button;
    });
    row.className = "choice";
    row.append(...buttons);
    answer.before(row);
    answer.hidden = true;
  }
  if (score) {
    score.hidden = false;
    score.textContent = `Say of each row whether it is real; ${guesses.length} to go.`;
  }

  // ---- search
  const filter = $("filter");
  const entries = [...document.querySelectorAll("[data-verdict]")].map((part) => (
    { part, name: part.querySelector("h3, th").textContent.toLowerCase(), verdict: part.dataset.verdict }));
  const search = () => {
    const word = filter.querySelector("input").value.trim().toLowerCase();
    const wanted = filter.querySelector("select").value;
    let shown = 0;
    for (const entry of entries) {
      const fits = entry.name.includes(word) && (!wanted || wanted.includes(entry.verdict));
      entry.part.hidden = !fits;
      shown += fits;
    }
    $("none").hidden = shown > 0 || entries.length === 0;
    const listed = $("listed");
    if (listed && (word || wanted)) listed.open = true;
  };
  filter.hidden = entries.length < 2;
  filter.addEventListener("input", search);
  filter.addEventListener("submit", (event) => event.preventDefault());

  // ---- copy
  for (const button of document.querySelectorAll(".copy")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      const source = $(button.dataset.from);
      try {
        await navigator.clipboard.writeText(source.textContent);
      } catch {
        getSelection().selectAllChildren(source);
        document.execCommand("copy");
      }
      button.textContent = "Copied";
      setTimeout(() => { button.textContent = "Copy"; }, 1500);
    });
  }

  // ---- print with the tables open
  let opened = [];
  addEventListener("beforeprint", () => {
    panels.forEach((panel) => { panel.hidden = false; });
    opened = [...document.querySelectorAll(".panel > section > details:not([open])")];
    opened.forEach((part) => { part.open = true; });
  });
  addEventListener("afterprint", () => {
    opened.forEach((part) => { part.open = false; });
    select(tabs.findIndex((tab) => tab.getAttribute("aria-selected") === "true"));
  });

  // ---- charts
  let library;
  const charts = () => {
    library ??= (async () => {
      const bytes = Uint8Array.from(atob($("echarts").textContent), (char) => char.charCodeAt(0));
      const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
      const script = document.createElement("script");
      script.textContent = await new Response(stream).text();
      document.head.append(script); // allowed by its hash in the policy
      if (!window.echarts) throw new Error("charts did not load");
      return window.echarts;
    })();
    return library;
  };
  const colour = (name) => getComputedStyle(root).getPropertyValue(name).trim();
  const percent = (share) => (share < 0.00995 ? (100 * share).toFixed(2) : (100 * share).toFixed(1)) + " %";
  const frame = () => ({
    animation: false,
    aria: { enabled: true },
    textStyle: { fontFamily: colour("--sans"), color: colour("--soft") },
  });
  // Rich text keeps labels on the canvas: no markup is made from data.
  const tip = (formatter) => ({
    renderMode: "richText", confine: true, formatter, backgroundColor: colour("--card"),
    borderColor: colour("--rule"), textStyle: { color: colour("--ink"), fontSize: 13 },
  });
  const axis = (labels, extra) => ({
    type: "category", data: labels, axisTick: { show: false },
    axisLine: { lineStyle: { color: colour("--soft") } }, axisLabel: { color: colour("--soft"), ...extra },
  });

  const columnOption = (column) => ({
    ...frame(),
    grid: { left: 50, right: 12, top: 34, bottom: 70 },
    legend: { top: 0, left: 0, textStyle: { color: colour("--ink") } },
    tooltip: { trigger: "axis", axisPointer: { type: "shadow" }, ...tip((items) =>
      `${items[0].name}\n` + items.map((item) => `${item.seriesName}  ${item.value.toFixed(2)} %`).join("\n")) },
    xAxis: axis(column.labels, { rotate: 40, width: 100, overflow: "truncate" }),
    yAxis: { type: "value", axisLabel: { formatter: "{value} %", color: colour("--soft") },
      splitLine: { lineStyle: { color: colour("--rule") } } },
    series: column.ordered
      ? [
          { name: "real", type: "bar", data: column.real, barCategoryGap: 0, itemStyle: { color: colour("--real-fill") } },
          { name: "synthetic", type: "bar", barGap: "-100%", data: column.synthetic,
            itemStyle: { color: "transparent", borderColor: colour("--synth"), borderWidth: 2 } },
        ]
      : [
          { name: "real", type: "bar", barGap: 0, data: column.real, itemStyle: { color: colour("--real") } },
          { name: "synthetic", type: "bar", data: column.synthetic, itemStyle: { color: colour("--synth-fill") } },
        ],
  });

  const large = $("large");
  let largeChart;
  const enlarge = async (column) => {
    $("large-h").textContent = column.name;
    large.showModal();
    const echarts = await charts();
    largeChart?.dispose();
    largeChart = echarts.init(large.querySelector(".canvas"));
    largeChart.setOption(columnOption(column));
  };
  $("close").addEventListener("click", () => large.close());
  large.addEventListener("click", (event) => { if (event.target === large) large.close(); });
  addEventListener("resize", () => largeChart && large.open && largeChart.resize());
  for (const plot of typeof DecompressionStream === "function" ? document.querySelectorAll(".plot") : []) {
    const column = data.columns[Number(plot.dataset.column)];
    const button = document.createElement("button");
    button.type = "button";
    button.className = "enlarge";
    button.setAttribute("aria-label", `Enlarge the chart of ${column.name}`);
    button.append(...plot.childNodes);
    plot.append(button);
    button.addEventListener("click", () => enlarge(column));
  }

  // ---- heat map
  const heat = $("heat");
  const { columns, error, floor } = data.pairs;
  if (!heat || typeof DecompressionStream !== "function") return;
  const mode = $("heat-mode");
  mode.hidden = !floor;
  const heatOption = (excess) => {
    const cells = [];
    for (let i = 1; i < columns.length; i++) {
      for (let j = 0; j < i; j++) {
        if (error[i][j] === null) continue;
        const real = floor ? floor[i][j] : null;
        cells.push([j, i - 1, excess ? Math.max(error[i][j] - (real ?? 0), 0) : error[i][j], error[i][j], real]);
      }
    }
    const ends = [0, ...data.steps, 1.01];
    const pieces = ends.slice(1).map((end, k) => ({ gt: k ? ends[k] : -1, lte: end, color: colour(`--h${k}`) }));
    const room = Math.min(150, innerWidth / 4);
    return {
      ...frame(),
      grid: { left: room, right: 12, top: 6, bottom: 96 },
      tooltip: tip(({ value }) => `${columns[value[0]]} × ${columns[value[1] + 1]}\nerror  ${percent(value[3])}` +
        (value[4] === null ? "" : `\nreal floor  ${percent(value[4])}`)),
      xAxis: axis(columns.slice(0, -1), { rotate: 55, width: 110, overflow: "truncate", interval: columns.length > 40 ? "auto" : 0 }),
      yAxis: { ...axis(columns.slice(1), { width: room - 12, overflow: "truncate", interval: columns.length > 40 ? "auto" : 0 }), inverse: true },
      visualMap: { show: false, type: "piecewise", dimension: 2, pieces },
      series: [{ type: "heatmap", data: cells, itemStyle: { borderWidth: 1, borderColor: colour("--paper") },
        emphasis: { itemStyle: { borderColor: colour("--ink") } } }],
    };
  };
  const drawHeat = async () => {
    try {
      const echarts = await charts();
      heat.hidden = false;
      $("heat-static").classList.add("hidden");
      const canvas = heat.querySelector(".canvas");
      const side = Math.min(canvas.clientWidth, 150 + 30 * columns.length);
      canvas.style.width = `${side}px`;
      canvas.style.height = `${Math.max(200, Math.min(side * 0.8, 100 + 24 * columns.length))}px`;
      const chart = echarts.init(canvas);
      const draw = () => chart.setOption(heatOption(mode.getAttribute("aria-pressed") === "true"), true);
      draw();
      redraws.add(draw);
      mode.addEventListener("click", () => {
        mode.setAttribute("aria-pressed", String(mode.getAttribute("aria-pressed") !== "true"));
        draw();
      });
      addEventListener("resize", () => { canvas.style.width = ""; canvas.style.width = `${Math.min(canvas.clientWidth, side)}px`; chart.resize(); });
    } catch {
      heat.hidden = true; // the drawing made without JavaScript stays
      $("heat-static").classList.remove("hidden");
    }
  };
  const watcher = new IntersectionObserver((seen) => {
    if (seen.some((entry) => entry.isIntersecting)) {
      watcher.disconnect();
      drawHeat();
    }
  }, { rootMargin: "300px" });
  watcher.observe($("heat-static"));
})();
