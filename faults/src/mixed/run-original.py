"""Runs a program of a checkout of the original: run-original.py CHECKOUT PROGRAM [ARG...].

Libraries of connectors that this machine does not have are replaced by modules whose names are all empty classes, so
that what needs none of them runs.
"""

import importlib.abc
import importlib.machinery
import importlib.util
import runpy
import sys
import types

MISSING = {
    "cx_Oracle",
    "oracledb",
    "pg8000",
    "pymysql",
    "pyodbc",
    "redshift_connector",
    "smart_open",
    "smb",
    "nmb",
    "smbclient",
    "smbprotocol",
    "spnego",
    "sqlalchemy",
    "sqlparse",
    "tabulate",
    "cookiecutter",
}


class EmptyClass(type):
    """A class whose attributes are empty classes again."""

    def __getattr__(cls, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return EmptyClass(name, (Exception,), {})


class EmptyModule(types.ModuleType):
    """A package in which every name is an empty exception class."""

    __path__: list = []

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        value = EmptyClass(name, (Exception,), {})
        setattr(self, name, value)
        return value


class EmptyModules(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """The last finder that is asked: knows the missing packages and what is below them."""

    def find_spec(self, fullname, path=None, target=None):
        if fullname.split(".")[0] not in MISSING:
            return None
        return importlib.machinery.ModuleSpec(fullname, self, is_package=True)

    def create_module(self, spec):
        return EmptyModule(spec.name)

    def exec_module(self, module):
        pass


checkout, program = sys.argv[1:3]
sys.meta_path.append(EmptyModules())
sys.path.insert(0, checkout)
sys.argv = [program, *sys.argv[3:]]
runpy.run_path(f"{checkout}/bin/{program}", run_name="__main__")
