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
)
