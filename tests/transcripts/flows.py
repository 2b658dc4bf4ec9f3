"""The main flows, as they are typed."""

from tests.transcripts.scene import DIRECT, Flow, Scene

_EVIDENCE = {
    "version": "7.1.0",
    "steps": "Open a report, press Export, then Save",
    "expected": "A file is saved",
    "actual": "Nothing happens, and nothing is said",
    "reproduction": "Seen on 7.1.0 and 7.0.4, not on 6.9",
}


async def _report(scene: Scene) -> None:
    scene.step("Support opens a case for a customer")
    await scene.ask("ana", "#support", "!case open Export fails on save --customer @carla")
    await scene.read("carla", DIRECT, "report")
    scene.step("The customer adds what they know, in a direct message")
    await scene.ask("carla", DIRECT, f"evidence steps {_EVIDENCE['steps']}")
    scene.step("It cannot go up before everything is known")
    await scene.ask("ana", "#support", "!escalate 1")
    for item in ("version", "expected", "actual", "reproduction"):
        await scene.ask("ana", "#support", f"!case evidence 1 {item} {_EVIDENCE[item]}")
    scene.step("Level 1 hands over to Level 2")
    await scene.ask("ana", "#support", "!escalate 1 Reproduced twice")
    await scene.read("sam", "#level2", "CASE-1")
    await scene.ask("sam", "#level2", "!case take 1")
    scene.step("Level 2 hands over to R&D")
    await scene.ask("sam", "#level2", "!escalate 1 Looks like the new writer")
    await scene.read("rita", "#level3", "CASE-1")


async def _milestones(scene: Scene) -> None:
    await scene.world.reach_level_three()
    scene.step("R&D confirms a product defect: the Jira issue is made")
    await scene.ask("rita", "#level3", "!case confirm 1")
    created = await scene.read("rita", "#level3", "Created ")
    await scene.read("carla", DIRECT, "CASE-1", "onfirmed")
    key = created.split("Created ")[1].split()[0]
    site = scene.world.jira.site
    for status in ("Specifying", "Ready", "In Progress"):
        scene.step(f"The issue becomes {status}")
        site.transition(site.issue(key), status)
        await scene.read("carla", DIRECT, f"*{status}*")
    scene.step("The customer asks how it stands")
    await scene.ask("carla", DIRECT, "status")
    scene.step("The issue becomes Done: the specialist is told, the customer is not")
    site.transition(site.issue(key), "Done", resolution="Done")
    await scene.read("sam", DIRECT, "*Done*")


async def _relay(scene: Scene) -> None:
    await scene.world.ask("ana", "support", "!case open Export fails --customer @carla")
    await scene.world.ask("ana", "support", "!case open Search is slow --customer @carla")
    scene.step("The customer writes, two cases are open: which one is it for?")
    await scene.ask("carla", DIRECT, "It is the same on my colleague's machine")
    await scene.ask("carla", DIRECT, "2")
    await scene.read("ana", DIRECT, "colleague")
    scene.step("Support replies: the exact text is shown, and goes out on yes")
    await scene.ask("ana", "#support", "!case reply 2 Thank you, that helps us.")
    await scene.ask("ana", "#support", "yes")
    await scene.read("carla", DIRECT, "that helps us")
    scene.step("Support asks about the other case, and the answer finds it")
    await scene.ask("ana", "#support", "!case ask 1 Which file type do you export to?")
    await scene.ask("ana", "#support", "yes")
    await scene.read("carla", DIRECT, "Which file type")
    await scene.ask("carla", DIRECT, "PDF, and only for large reports")
    await scene.read("ana", DIRECT, "PDF, and only")


async def _done(scene: Scene) -> None:
    number = await scene.world.reach_level_three()
    key = await scene.world.confirm(number)
    site = scene.world.jira.site
    scene.step("The issue is done: the specialist is alerted")
    site.set_fix_versions(key, ["7.2.0"])
    site.transition(site.issue(key), "Done", resolution="Fixed")
    await scene.read("sam", DIRECT, "*Done*")
    scene.step("Seen now, done after lunch")
    await scene.ask("sam", DIRECT, f"case ack {number}")
    await scene.ask("sam", DIRECT, f"case snooze {number} 2h")
    scene.step("The customer has been told, and is asked whether it works")
    await scene.ask("sam", DIRECT, f"case contacted {number} Phoned her")
    await scene.read("carla", DIRECT, "Does it work")
    scene.step("It does not: the case is open again, with what the customer says")
    await scene.ask("carla", DIRECT, "still broken It fails for reports with pictures")
    await scene.read("sam", DIRECT, "pictures")


async def _intake(scene: Scene) -> None:
    scene.step("A customer reports a problem, one question at a time")
    await scene.ask("carla", DIRECT, "open")
    await scene.ask("carla", DIRECT, "Export fails on save")
    await scene.ask("carla", DIRECT, "7.1.0")
    await scene.ask("carla", DIRECT, "Open a report, press Export, then Save")
    await scene.ask("carla", DIRECT, "skip")
    await scene.ask("carla", DIRECT, "Nothing happens, and nothing is said")
    scene.step("A file is just sent")
    await scene.upload("carla", DIRECT, "export.log", "what it wrote")
    await scene.read("carla", DIRECT, "export.log")
    scene.step("Another one with the same problem is offered the open case")
    await scene.ask("ana", "#support", "!case open Export fails on saving --customer @carlos")
    scene.step("The analyst sees what there is, and what to do next")
    await scene.ask("ana", DIRECT, "case show 1")
    await scene.ask("ana", DIRECT, "case")


FLOWS = (
    Flow(
        slug="report-to-escalation",
        title="From the first report to R&D",
        summary="An analyst opens a case, the customer adds to it, two levels hand it on.",
        play=_report,
    ),
    Flow(
        slug="confirm-and-milestones",
        title="A confirmed defect and its milestones",
        summary="R&D confirms, Jira moves, the customer hears of it, Done goes to the specialist.",
        play=_milestones,
    ),
    Flow(
        slug="ask-and-answer",
        title="Questions and answers between support and a customer",
        summary="What support writes is shown before it goes out; answers find their case.",
        play=_relay,
    ),
    Flow(
        slug="done-to-contacted",
        title="From Done to a customer who knows",
        summary="The alert stays until somebody has told the customer, who has the last word.",
        play=_done,
    ),
    Flow(
        slug="guided-report",
        title="A report by question and answer, with a file",
        summary="A customer is asked for what is needed, and similar cases are offered.",
        play=_intake,
    ),
)
