"""Scalars of the contract."""

from datetime import date, datetime
from typing import Any

import graphene
from graphql import GraphQLError
from graphql.language import ast

#: The largest whole number that a JSON number of a browser holds exactly.
MAX_EXACT = 2**53


class Fen(graphene.Scalar):
    """Whole fen (1/100 yuan), up to 2^53; a JSON number."""

    @staticmethod
    def serialize(value: Any) -> int:
        return Fen.parse_value(value)

    @staticmethod
    def parse_value(value: Any) -> int:
        if type(value) is not int or abs(value) > MAX_EXACT:
            raise GraphQLError("金额应为整数分")
        return value

    @staticmethod
    def parse_literal(node: ast.ValueNode, _variables: Any = None) -> int:
        if not isinstance(node, ast.IntValueNode):
            raise GraphQLError("金额应为整数分")
        return Fen.parse_value(int(node.value))


class Date(graphene.Scalar):
    """Business day in Shanghai, YYYY-MM-DD."""

    @staticmethod
    def serialize(value: date) -> str:
        return value.isoformat()

    @staticmethod
    def parse_value(value: Any) -> date:
        try:
            return date.fromisoformat(value)
        except (TypeError, ValueError):
            raise GraphQLError("日期应写作 YYYY-MM-DD") from None

    @staticmethod
    def parse_literal(node: ast.ValueNode, _variables: Any = None) -> date:
        return Date.parse_value(getattr(node, "value", None))


class DateTime(graphene.Scalar):
    """Time with zone, ISO 8601."""

    @staticmethod
    def serialize(value: datetime) -> str:
        return value.isoformat()

    @staticmethod
    def parse_value(value: Any) -> datetime:
        try:
            moment = datetime.fromisoformat(value)
        except (TypeError, ValueError):
            raise GraphQLError("时间应写作 ISO 8601 格式并带时区") from None
        if moment.tzinfo is None:
            raise GraphQLError("时间应带时区")
        return moment

    @staticmethod
    def parse_literal(node: ast.ValueNode, _variables: Any = None) -> datetime:
        return DateTime.parse_value(getattr(node, "value", None))
