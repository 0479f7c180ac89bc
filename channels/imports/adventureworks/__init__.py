"""AdventureWorks, the classic sample company, as books of our own: `import_adventureworks`."""

from channels.imports.adventureworks.service import NAME, import_adventureworks

__all__ = ["NAME", "import_adventureworks"]
