"""A document being written: its variables, its switches, its identifiers, and the fault that is still to be made."""

from dataclasses import dataclass, field
from random import Random
from typing import Any

from tests.oracle.generator.faults import NO_IDENTIFIERS
from tests.oracle.generator.material import Material
from tests.oracle.generator.pieces import Call, Fragment, Word, literal


@dataclass
class Draft:
    """One document being written."""

    schema: Any
    random: Random
    material: Material
    fault: str | None
    """The fault that is still to be made."""
    variables: dict[str, Any] = field(default_factory=dict)
    declared: list[str] = field(default_factory=list)
    switches: dict[str, bool] = field(default_factory=dict)
    fragments: list[Fragment] = field(default_factory=list)
    calls: dict[tuple[str, str], Call] = field(default_factory=dict)
    """What stands under a response key of a type: whoever uses the key again must say the same."""
    is_in_variable: bool = False

    def _identifier(self, type_: str) -> str:
        if self._makes("identifier"):
            others = [ids[0] for other, ids in self.material.ids.items() if other != type_ and ids]
            return self.random.choice([*NO_IDENTIFIERS, *others])
        return self._some_id(type_)

    def _some_id(self, type_: str) -> str:
        own = self.material.ids.get(type_)
        if own and self._chance(0.9):
            return self.random.choice(own)
        prefix = self.material.prefixes[type_]
        strange = [each for each in self.material.strange_ids if each.startswith(prefix)]
        return self.random.choice(strange or [f"{prefix}_{self.random.getrandbits(128):032x}"])

    def _value(self, type_: str, value: Any) -> Any:
        """A value, written out or in a variable."""
        return self._variable(type_, value) if not self.is_in_variable and self._chance(0.3) else value

    def _variable(self, type_: str, value: Any) -> Word:
        name = f"v{len(self.declared)}"
        is_given = value is None or self._chance(0.6)
        if is_given:
            self.variables[name] = value
        if is_given and self._chance(0.7):
            self.declared.append(f"${name}: {type_}")
        elif value is None:
            self.declared.append(f"${name}: {type_} = null")
        else:
            self.declared.append(f"${name}: {type_.removesuffix('!')} = {literal(value)}")
        return Word(f"${name}")

    def _directive(self, chance: float) -> str:
        """`@skip` or `@include`, more often than not so that the selection stays."""
        if not self._chance(chance):
            return ""
        if self._chance(0.1):
            return f" @skip(if: {self._switch(is_on=False)}) @include(if: {self._switch(is_on=True)})"
        is_kept = self._chance(0.7)
        if self._chance(0.5):
            return f" @include(if: {self._switch(is_on=is_kept)})"
        return f" @skip(if: {self._switch(is_on=not is_kept)})"

    def _switch(self, *, is_on: bool) -> str:
        known = [name for name, own in self.switches.items() if own is is_on]
        if known and self._chance(0.5):
            return self.random.choice(known)
        if self._chance(0.4):
            return "true" if is_on else "false"
        name = str(self._variable("Boolean!", is_on))
        self.switches[name] = is_on
        return name

    def _makes(self, fault: str) -> bool:
        """Whether the fault is to be made here; it is made once."""
        if self.fault != fault:
            return False
        self.fault = None
        return True

    def _chance(self, probability: float) -> bool:
        return self.random.random() < probability
