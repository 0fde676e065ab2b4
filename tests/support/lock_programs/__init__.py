"""Programs that take file locks, and give them back in all the ways there are."""

from tests.support.lock_programs.closing import (
    ClosedInARange,
    ClosedLater,
    ClosedTwice,
    CoveredByAnother,
    HeldToTheEnd,
)
from tests.support.lock_programs.families import (
    DescriptionAgainstProcess,
    SecondDescriptor,
    TwoDescriptions,
    TwoFamilies,
)
from tests.support.lock_programs.processes import (
    ChildOfAHolder,
    Executed,
    ExecutedWithIt,
    InheritedByAChild,
    LockedBehindAFork,
    RecordsSurviveAnExec,
    StartedMeanwhile,
    UnlockedByAChild,
)
from tests.support.lock_programs.taking import (
    Apart,
    ConversionInVain,
    Conversions,
    Downgrade,
    NothingGivenBack,
    PartGivenBack,
    Question,
    QuestionByDescription,
    RecordLock,
    Shared,
    TwoOrders,
)

PROGRAMS = (
    RecordLock, Question, QuestionByDescription, TwoOrders, NothingGivenBack, ClosedLater,
    CoveredByAnother, ClosedInARange, ClosedTwice, HeldToTheEnd, SecondDescriptor, TwoFamilies,
    DescriptionAgainstProcess, TwoDescriptions, Apart, PartGivenBack, Conversions,
    ConversionInVain, Downgrade, Shared, InheritedByAChild, LockedBehindAFork, UnlockedByAChild,
    ChildOfAHolder,
    Executed, ExecutedWithIt, RecordsSurviveAnExec, StartedMeanwhile,
)  # fmt: skip
