"""Checks a JSON document against a JSON schema, with another project's validator.

Usage: check_schema.py SCHEMA.json DOCUMENT.json. Ends with 1 and names each part that does not fit.
"""

import json
import sys

import jsonschema


def main(schema, document):
    schema, document = (json.load(open(path)) for path in (schema, document))
    validator = jsonschema.validators.validator_for(schema)
    validator.check_schema(schema)
    checker = validator(schema, format_checker=validator.FORMAT_CHECKER)
    wrong = [f"{'/'.join(map(str, error.path))}: {error.message}"
             for error in checker.iter_errors(document)]
    print("\n".join(wrong[:20]))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
