"""The board's page."""

STYLE = """
  :root { color-scheme: light dark; --line: #8884; --soft: #8881; }
  * { box-sizing: border-box; }
  body { margin: 0; font: 14px/1.4 system-ui, sans-serif; }
  header { display: flex; gap: .75rem; align-items: baseline; padding: .6rem .8rem;
           border-bottom: 1px solid var(--line); }
  h1 { font-size: 1rem; margin: 0; }
  header p { margin: 0; opacity: .7; }
  main { display: flex; gap: .6rem; padding: .6rem; overflow-x: auto; align-items: flex-start; }
  section { flex: 1 0 12rem; background: var(--soft); border-radius: .5rem; padding: .5rem; }
  h2 { font-size: .8rem; margin: 0 0 .4rem; display: flex; justify-content: space-between; }
  article { border: 1px solid var(--line); border-radius: .4rem; padding: .5rem;
            margin-bottom: .5rem; background: Canvas; overflow-wrap: anywhere; }
  article p { margin: .15rem 0 .4rem; }
  .key { font-weight: 600; font-size: .8rem; }
  .note { opacity: .7; font-size: .8rem; }
  form { display: flex; flex-wrap: wrap; gap: .3rem; }
  select, button { font: inherit; min-height: 2.2rem; max-width: 100%; }
  select { flex: 1 1 5rem; min-width: 0; }
  .done { border-left: 3px solid #2a8; }
  .indeterminate { border-left: 3px solid #c90; }
  @media (max-width: 40rem) { main { flex-direction: column; align-items: stretch; }
                              section { flex: none; } }
"""

PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{ project.name if project else "Board" }} - sandbox Jira</title>
<style>{{ style|safe }}</style>
</head>
<body>
<header>
  <h1>{{ project.name if project else "No project yet" }}</h1>
  <p>{% for other in projects if other is not sameas project -%}
    <a href="{{ path }}?project={{ other.key }}">{{ other.name }}</a>
  {% endfor %}</p>
</header>
<main id="board" aria-live="polite">
{%- for column in columns %}
<section aria-label="{{ column.status.name }}">
  <h2><span>{{ column.status.name }}</span><span class="note">{{ column.total }}</span></h2>
  {%- for issue in column.cards %}
  <article class="{{ issue.status.category.key }}">
    <span class="key">{{ issue.key }}</span>
    {%- if issue.resolution %} <span class="note">{{ issue.resolution.name }}</span>{% endif %}
    <p>{{ issue.summary }}</p>
    <form method="post" action="{{ path }}/{{ issue.id }}">
      <input type="hidden" name="token" value="{{ token }}">
      <select name="status" aria-label="New status of {{ issue.key }}">
        {%- for status in column.targets %}
        <option value="{{ status.id }}"
          {%- if status is sameas column.next %} selected{% endif %}>{{ status.name }}</option>
        {%- endfor %}
      </select>
      <select name="resolution" aria-label="Resolution of {{ issue.key }} when done">
        {%- for resolution in resolutions %}
        <option>{{ resolution.name }}</option>
        {%- endfor %}
        <option value="">No resolution</option>
      </select>
      <button>Move</button>
    </form>
  </article>
  {%- endfor %}
  {%- if column.total > column.cards|length %}
  <p class="note">{{ column.total - column.cards|length }} more are not shown.</p>
  {%- endif %}
</section>
{%- endfor %}
</main>
<script nonce="{{ nonce }}">
  const board = document.getElementById("board");
  const finished = new Set([
    {%- for column in columns if column.status.category.key == "done" %}
    "{{ column.status.id }}",{% endfor %}
  ]);
  const adjust = () => {
    for (const form of board.querySelectorAll("form")) {
      form.elements.resolution.hidden = !finished.has(form.elements.status.value);
    }
  };
  board.addEventListener("change", adjust);
  const inUse = () => document.hasFocus() && board.contains(document.activeElement);
  const refresh = async () => {
    if (inUse() || document.hidden) return;
    const answer = await fetch(location.href).catch(() => null);
    if (!answer || !answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (inUse()) return;
    board.replaceChildren(...page.getElementById("board").children);
    adjust();
  };
  adjust();
  setInterval(refresh, 3000);
</script>
</body>
</html>
"""
