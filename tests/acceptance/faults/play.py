"""A play: people type, issues move, servers fail, and the bot is killed again and again.

Everything that is chosen comes from the seed. When it happens depends on the machine besides, so a
replay is the same play, not the same microseconds.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.acceptance.faults import mishaps
from tests.acceptance.faults.cast import STAGES
from tests.acceptance.faults.process import Launcher
from tests.acceptance.faults.scene import Scene
from tests.acceptance.faults.script import Script
from tests.acceptance.faults.squad import NAMES, Squad
from tests.acceptance.faults.traps import MOMENTS, Trap
from tests.acceptance.faults.verdict import Verdict
from tests.postgres import Server
from tests.world import Deployment

STATUSES = ("Backlog", "Specifying", "Ready", "In Progress", "In Review", "Blocked", "Done")
RESOLUTIONS = ("Done", "Won't Do", None)
VERSIONS = ("7.7", "8.8", "9.0")
DEPLOYMENTS: tuple[Deployment, ...] = ("cloud", "cloud", "datacenter")
# A line leads to about so many messages and issues, milestones included.
OWED_PER_LINE = 1.5
MOVES_PER_ISSUE = 6
REORDERED_WITHIN = 0.3
MOST_HURT = 3
PLAIN_START_EVERY = 25
CREATE_WITHIN = 45.0
"""Seconds; a create that is killed instead leaves a doubt that takes minutes to settle."""
# What the clocks of machines are apart that nobody keeps right.
WRONG_BY = (0.0, 0.0, 90.0, -90.0, 420.0, -420.0)
QUICK_MOMENTS = tuple(name for name, moment in MOMENTS.items() if not moment.slow)

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How much is played.

    Attributes:
        seed: of every choice.
        kills: how often the bot is killed, at least.
        owed: how many messages and issues are owed, at least about.
        patient: whether minutes may be waited for; else nothing is done to a Jira issue that is
            just being created, because whether it was created takes minutes to settle.
        bots: how many share the work; 0 for one with its own file. With others the database is
            killed once, bots hang, and their clocks are wrong.
    """

    seed: int
    kills: int
    owed: int
    patient: bool = False
    bots: int = 0

    @property
    def replay(self) -> str:
        """Return the command that plays it again."""
        patient = "" if self.patient else " --impatient"
        bots = f" --bots {self.bots} --postgres" if self.bots else ""
        return (
            "python -m tests.acceptance.faults.long --plays 1"
            f" --kills {self.kills} --owed {self.owed} --seed {self.seed}{patient}{bots}"
        )


@dataclass(slots=True)
class Outcome:
    """What a play came to."""

    plan: Plan
    kills: int = 0
    starts: int = 0
    seconds: float = 0.0
    steps: list[str] = field(default_factory=list)
    """What was done to the bot, in order."""
    verdict: Verdict = field(default_factory=Verdict)
    history: str = ""

    def __str__(self) -> str:
        """Say it in a few lines: the figures, or what went wrong and how to see it again."""
        found = self.verdict
        figures = (
            f"seed {self.plan.seed}: {self.kills} kills, {self.starts} starts, {found.owed} owed,"
            f" {found.missing} missing, {found.double} double, {found.unexpected} unexpected,"
            f" {found.disordered} out of order, {self.seconds:.0f} s"
        )
        if found.good:
            return figures
        last = "\n".join(self.steps[-8:])
        return "\n".join(
            [figures, *found.problems[:40], "last steps:", last, self.history,
             f"again: {self.plan.replay}"]
        )  # fmt: skip


class Play:
    """One play, with a scene of its own.

    Args:
        server: of the database, if several bots play; nobody else may need it meanwhile.
    """

    def __init__(
        self,
        plan: Plan,
        folder: Path,
        launcher: Launcher,
        tell: Tell,
        *,
        server: Server | None = None,
    ) -> None:
        self._plan = plan
        self._tell = tell
        # One for each thing that goes on by itself, or they would take each other's choices.
        names = ("world", "typing", "moving", "going wrong", "striking")
        seeds = random.Random(plan.seed)  # noqa: S311 - to be repeated, not to be secret
        self._dice = {name: random.Random(seeds.getrandbits(64)) for name in names}  # noqa: S311
        self._squad: Squad | None = None
        self._scene = self._build_scene(folder, launcher, server)
        self._script = Script(plan.seed)
        self._confirming = asyncio.Event()
        self._lines_left = round(plan.owed / OWED_PER_LINE)
        self._moves_left = 0
        self._issues_seen = 0
        self._hurt = 0
        self._database_dies = plan.bots > 0
        self.outcome = Outcome(plan)

    def _build_scene(self, folder: Path, launcher: Launcher, server: Server | None) -> Scene:
        dice = self._dice["world"]
        version, deployment = dice.choice(VERSIONS), dice.choice(DEPLOYMENTS)
        poll_seconds = dice.choice((0.1, 0.2, 0.4))
        if not self._plan.bots:
            return Scene(
                folder,
                launcher,
                version=version,
                deployment=deployment,
                poll_seconds=poll_seconds,
            )
        assert server is not None, "several bots need a database"
        self._squad = Squad(
            folder,
            launcher,
            server=server,
            bots=self._plan.bots,
            clocks_ahead={name: dice.choice(WRONG_BY) for name in NAMES[: self._plan.bots]},
            version=version,
            deployment=deployment,
            poll_seconds=poll_seconds,
        )
        return self._squad

    async def run(self) -> Outcome:
        """Play it and compare."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        async with self._scene as scene:
            try:
                await self._play(scene)
            except Exception as error:  # noqa: BLE001 - whatever it is, it is reported with the rest
                self.outcome.verdict.problems.append(_described(error))
            self.outcome.kills, self.outcome.starts = scene.kills, scene.starts
            if not self.outcome.verdict.good:
                self.outcome.history = scene.history()
        self.outcome.seconds = loop.time() - began
        return self.outcome

    async def _play(self, scene: Scene) -> None:
        self._set_the_scene()
        # What was said before the first start is not acted on, and is not owed.
        await scene.start(fork=False)
        await scene.ready()
        told = 0
        while scene.kills < self._plan.kills:
            await self._round()
            if scene.kills // 20 != told:
                told = scene.kills // 20
                self._tell(f"seed {self._plan.seed}: {scene.kills} kills, {self._owed()} owed")
        await self._end()

    def _set_the_scene(self) -> None:
        switches = self._scene.world.jira.switches.webhooks
        switches.retry_delay = timedelta(milliseconds=200)
        switches.attempts = 2
        dice = self._dice["world"]
        if dice.random() < 0.6:
            self._scene.add_webhook()
            switches.duplicates = dice.randint(0, 2)
            switches.shuffle = dice.random() < 0.5

    def _owed(self) -> int:
        return self._scene.judge().on_servers().owed

    # One round: one strike

    async def _round(self) -> None:
        scene, dice = self._scene, self._dice["striking"]
        rounds_left = max(1, self._plan.kills - scene.kills)
        lines = -(-self._lines_left // rounds_left)
        reordered = self._dice["going wrong"].random() < 0.1
        async with asyncio.TaskGroup() as group:
            group.create_task(self._type(lines, reordered=reordered))
            group.create_task(self._move())
            if reordered:
                scene.world.chat.faults.reorder_events(1)
                self._note("events reordered")
                await asyncio.sleep(REORDERED_WITHIN)
                # What was not used up would swap lines of one room later.
                scene.world.chat.faults.reorders = 0
            await self._calm(dice)
            if dice.random() < 0.45:
                await self._go_wrong(group)
            if self._squad is not None:
                self._trouble(self._squad, group)
            await self._strike(dice)
            await self._start_again(dice)

    async def _calm(self, dice: random.Random) -> None:
        """Let the bot work for a while: from nothing at all to all that is owed."""
        self._confirming.set()
        if dice.random() < 0.25:
            await self._scene.bot.wait_ready()
            await self._scene.settle(within=3)
        else:
            await asyncio.sleep(dice.uniform(0, 0.5))

    @property
    def _is_patient(self) -> bool:
        """Whether something may be begun that takes minutes to settle; not towards the end."""
        return self._plan.patient and self._scene.kills < self._plan.kills * 0.6

    @asynccontextmanager
    async def _creates_spared(self) -> AsyncIterator[None]:
        """Leave creates alone that are under way, unless minutes may be waited for."""
        if self._is_patient:
            yield
            return
        self._confirming.clear()
        try:
            async with asyncio.timeout(CREATE_WITHIN):
                while self._creates_under_way():
                    await self._scene.bot.wait_ready()
                    await asyncio.sleep(0.02)
        except TimeoutError:
            self._note("a create took long")
        yield

    def _creates_under_way(self) -> int:
        wanted = sum(line.confirms for line in self._scene.typed)
        return wanted - len(self._scene.world.jira.records.issues)

    # What is done to the bot

    def _trouble(self, squad: Squad, group: asyncio.TaskGroup) -> None:
        """Choose whom to strike; let another hang, and once the database die."""
        dice = self._dice["striking"]
        squad.choose(dice)
        self._note(f"chosen: {', '.join(squad.chosen)}")
        if self._database_dies and squad.kills >= self._plan.kills * 0.4:
            self._database_dies = False
            self._note("database killed")
            group.create_task(squad.lose_database(random.Random(dice.getrandbits(64))))  # noqa: S311
        elif dice.random() < 0.15:
            self._note("one hangs")
            group.create_task(squad.hang(random.Random(dice.getrandbits(64))))  # noqa: S311

    async def _strike(self, dice: random.Random) -> None:
        scene = self._scene
        async with self._creates_spared():
            if dice.random() < 0.06:
                self._note("stopped")
                if await scene.bot.wait_ready():
                    await scene.stop()
                return
            if dice.random() < 0.4:
                names = tuple(MOMENTS) if self._is_patient else QUICK_MOMENTS
                await self._strike_at_moment(dice.choice(names))
            else:
                pause = dice.choice((0.0, dice.uniform(0, 0.05), dice.uniform(0, 0.4)))
                self._note(f"killed after {pause:.3f} s")
                await asyncio.sleep(pause)
            await scene.kill()

    async def _strike_at_moment(self, name: str) -> None:
        self._note(f"killed at {name}")
        trap = Trap(self._scene, MOMENTS[name])
        trap.set()
        try:
            async with asyncio.timeout(0.6):
                await trap.sprung.wait()
                await self._scene.bot.gone.wait()
        except TimeoutError:
            self._note("which did not come")
        finally:
            trap.clear()

    async def _start_again(self, dice: random.Random) -> None:
        scene = self._scene
        if dice.random() < 0.3:
            await asyncio.sleep(dice.uniform(0, 0.3))
        await scene.start(fork=scene.starts % PLAIN_START_EVERY != 0)
        if dice.random() < 0.15:
            self._note("killed while starting")
            await asyncio.sleep(dice.uniform(0, 0.25))
            async with self._creates_spared():
                await scene.kill()
            await scene.start()
        if dice.random() < 0.7:
            await scene.ready()

    async def _go_wrong(self, group: asyncio.TaskGroup) -> None:
        dice = self._dice["going wrong"]
        if dice.random() < 0.1:
            await self._alone(dice.choice(mishaps.ALONE), dice)
            return
        choices = mishaps.ANY_TIME
        if self._is_patient and self._hurt < MOST_HURT:
            choices = (*choices, *mishaps.LONG)
        mishap = dice.choice(choices)
        self._hurt += mishap in mishaps.LONG
        self._note(mishap.__name__)
        async with self._creates_spared():
            work = group.create_task(mishap(self._scene, dice))
        if dice.random() < 0.6:
            await asyncio.wait({work})

    async def _alone(self, mishap: mishaps.Mishap, dice: random.Random) -> None:
        """Let it happen to a bot that works, and is left alone meanwhile."""
        await self._scene.ready()
        async with self._creates_spared():
            self._note(mishap.__name__)
            await mishap(self._scene, dice)

    # What people do

    async def _type(self, lines: int, *, reordered: bool) -> None:
        dice = self._dice["typing"]
        stages = dice.sample(STAGES, len(STAGES))
        for number in range(lines):
            if reordered and number >= len(stages):
                return
            stage = stages[number] if reordered else dice.choice(STAGES)
            if self._script.confirms_next(stage) and not self._confirming.is_set():
                continue
            await self._scene.type(self._script.next_line(stage))
            self._lines_left -= 1
            if not reordered and dice.random() < 0.7:
                await asyncio.sleep(dice.uniform(0, 0.05))
            if dice.random() < 0.1:
                self._touch(dice)

    def _touch(self, dice: random.Random) -> None:
        """Change a command that was carried out, or something about it: it must not come again."""
        done = self._scene.judge().carried_out()
        if not done:
            return
        line = dice.choice(done)
        message = self._scene.messages[id(line)]
        workspace = self._scene.world.chat.workspace
        if dice.random() < 0.5:
            workspace.react(line.author, message, ":eyes:")
        else:
            workspace.edit(line.author, message, f"{line.text} again")

    async def _move(self) -> None:
        """Let issues move, several steps at a time."""
        dice, site = self._dice["moving"], self._scene.world.jira.site
        made = self._scene.world.jira.records.issues
        self._moves_left += (len(made) - self._issues_seen) * MOVES_PER_ISSUE
        self._issues_seen = len(made)
        await asyncio.sleep(dice.uniform(0, 0.2))
        for _ in range(dice.randint(0, 3)):
            if not made or self._moves_left <= 0:
                return
            issue = site.issue(dice.choice(made).id)
            for _ in range(dice.randint(1, 4)):
                status = dice.choice(STATUSES)
                resolution = dice.choice(RESOLUTIONS) if status == "Done" else None
                site.transition(issue, status, resolution=resolution)
                self._moves_left -= 1
                if dice.random() < 0.5:
                    await asyncio.sleep(dice.uniform(0, 0.05))

    # The end

    async def _end(self) -> None:
        scene = self._scene
        self._confirming.set()
        while self._lines_left > 0 or self._owed() < self._plan.owed:
            await scene.type(self._script.next_line(self._dice["typing"].choice(STAGES)))
            self._lines_left -= 1
        world = scene.world
        world.chat.faults.clear()
        world.jira.faults.clear()
        world.jira.switches.index_lag = timedelta(0)
        world.jira.site.index.catch_up()
        self._tell(f"seed {self._plan.seed}: waiting for what is still owed")
        self.outcome.verdict = await scene.finish(within=300 if self._plan.patient else 60)

    def _note(self, step: str) -> None:
        at = datetime.now(UTC)
        self.outcome.steps.append(f"{at:%H:%M:%S}.{at.microsecond // 1000:03} {step}")


def _described(error: BaseException) -> str:
    """Return what went wrong, and in a group the first of it."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return f"{type(error).__name__}: {error}"
