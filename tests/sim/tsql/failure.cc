#include "tests/sim/tsql/failure.h"

#include <algorithm>
#include <array>

#include "tests/sim/world/outcome.h"

namespace milink::sim::tsql {
namespace {

struct Template {
  int number;
  int severity;
  std::string_view text;  // placeholders are %s
};

// Messages of the language itself; those about objects of the server are in the world's table.
constexpr auto kTemplates = std::to_array<Template>({
    {103, 15, "The %s that starts with '%s' is too long. Maximum length is %s."},
    {104, 16,
     "ORDER BY items must appear in the select list if the statement contains a UNION, INTERSECT "
     "or EXCEPT operator."},
    {107, 15,
     "The column prefix '%s' does not match with a table name or alias name used in the query."},
    {108, 15,
     "The ORDER BY position number %s is out of range of the number of items in the select list."},
    {113, 15, "Missing end comment mark '*/'.%s"},
    {116, 16,
     "Only one expression can be specified in the select list when the subquery is not introduced "
     "with EXISTS."},
    {119, 15,
     "Must pass parameter number %s and subsequent parameters as '@name = value'. After the form "
     "'@name = value' has been used, all subsequent parameters must be passed in the form '@name = "
     "value'."},
    {131, 15, "The size (%s) given to the %s exceeds the maximum allowed (%s)."},
    {134, 15,
     "The variable name '%s' has already been declared. Variable names must be unique within a "
     "query batch or stored procedure."},
    {135, 15, "Cannot use a BREAK statement outside the scope of a WHILE statement."},
    {136, 15, "Cannot use a CONTINUE statement outside the scope of a WHILE statement."},
    {141, 15,
     "A SELECT statement that assigns a value to a variable must not be combined with "
     "data-retrieval operations."},
    {145, 15, "ORDER BY items must appear in the select list if SELECT DISTINCT is specified."},
    {147, 15,
     "An aggregate may not appear in the WHERE clause unless it is in a subquery contained in a "
     "HAVING clause or a select list, and the column being aggregated is an outer reference."},
    {148, 15, "Incorrect time syntax in time string '%s' used with WAITFOR."},
    {155, 15, "'%s' is not a recognized %s option."},
    {174, 15, "The %s function requires %s argument(s)."},
    {178, 15, "A RETURN statement with a return value cannot be used in this context."},
    {179, 15, "Cannot use the OUTPUT option when passing a constant to a stored procedure."},
    {205, 16,
     "All queries combined using a UNION, INTERSECT or EXCEPT operator must have an equal number "
     "of expressions in their target lists."},
    {220, 16, "Arithmetic overflow error for data type %s, value = %s."},
    {248, 16, "The conversion of the varchar value '%s' overflowed an int column."},
    {263, 16, "Must specify table to select from."},
    {281, 16, "%s is not a valid style number when converting from %s to a character string."},
    {313, 16,
     "An insufficient number of arguments were supplied for the procedure or function %s."},
    {402, 16, "The data types %s and %s are incompatible in the %s operator."},
    {506, 16, "The invalid escape character \"%s\" was specified in a LIKE predicate."},
    {512, 16,
     "Subquery returned more than 1 value. This is not permitted when the subquery follows =, !=, "
     "<, <= , >, >= or when the subquery is used as an expression."},
    {529, 16, "Explicit conversion from data type %s to %s is not allowed."},
    {535, 16,
     "The %s function resulted in an overflow. The number of dateparts separating two date/time "
     "instances is too large."},
    {536, 16, "Invalid length parameter passed to the %s function."},
    {537, 16, "Invalid length parameter passed to the LEFT or %s function."},
    {927, 14, "Database '%s' cannot be opened. It is in the middle of a restore."},
    {1038, 15,
     "An object or column name is missing or empty. For SELECT INTO statements, verify each column "
     "has a name. For other statements, look for empty alias names. Aliases defined as \"\" or [] "
     "are not allowed."},
    {1060, 15,
     "The number of rows provided for a TOP or FETCH clauses row count parameter must be "
     "an integer."},
    {2715, 16, "Column, parameter, or variable #%s: Cannot find data type %s."},
    {1223, 16,
     "Cannot release the application lock (Database Principal: 'public', Resource: '%s') because "
     "it "
     "is not currently held."},
    {1801, 16, "Database '%s' already exists. Choose a different database name."},
    {2526, 16,
     "Incorrect DBCC statement. Check the documentation for the correct DBCC syntax and options."},
    {2528, 10,
     "DBCC execution completed. If DBCC printed error messages, contact your system "
     "administrator."},
    {2571, 14, "User '%s' does not have permission to run DBCC %s."},
    {2754, 16,
     "Error severity levels greater than 18 can only be specified by members of the "
     "sysadmin role, using the WITH LOG option."},
    {2787, 16, "Invalid format specification: '%s'."},
    {4121, 16,
     "Cannot find either column \"%s\" or the user-defined function or aggregate \"%s\", or the "
     "name is ambiguous."},
    {4127, 16,
     "At least one of the arguments to COALESCE must be an expression that is not the NULL "
     "constant."},
    {4145, 15,
     "An expression of non-boolean type specified in a context where a condition is expected, near "
     "'%s'."},
    {8115, 16, "Arithmetic overflow error converting %s to data type %s."},
    {8117, 16, "Operand data type %s is invalid for %s operator."},
    {8120, 16,
     "Column '%s' is invalid in the select list because it is not contained in either an aggregate "
     "function or the GROUP BY clause."},
    {8133, 16,
     "At least one of the result expressions in a CASE specification must be an expression other "
     "than the NULL constant."},
    {8155, 16, "No column name was specified for column %s of '%s'."},
    {8158, 16, "'%s' has more columns than were specified in the column list."},
    {8178, 16, "The parameterized query expects the parameter '%s', which was not supplied."},
    {8180, 16, "Statement(s) could not be prepared."},
    {8169, 16, "Conversion failed when converting from a character string to uniqueidentifier."},
    {8170, 16, "Insufficient result space to convert uniqueidentifier value to char."},
    {10704, 15,
     "To rethrow an error, a THROW statement must be used inside a CATCH block. Insert the THROW "
     "statement inside a CATCH block, or add error parameters to the THROW statement."},
    {10709, 16,
     "The number of columns for each row in a table value constructor must be the same."},
    {15000, 16, "The application lock was not asked for properly: %s."},
    {15315, 16, "The key '%s' is not open. Please open the key before using it."},
    {35100, 16,
     "Error number %s in the THROW statement is outside the valid range. Specify an "
     "error number in the valid range of 50000 to 2147483647."},
});

std::string Fill(std::string_view text, const std::vector<std::string>& arguments) {
  std::string result;
  auto next = arguments.begin();
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text.substr(i, 2) == "%s") {
      if (next != arguments.end()) result += *next++;
      ++i;
    } else {
      result += text[i];
    }
  }
  return result;
}

}  // namespace

void Failure::SetLine(int line) {
  for (ServerMessage& message : messages_) {
    if (message.line <= 1) message.line = line;
  }
}

ServerMessage MakeMessage(int number, std::initializer_list<std::string_view> arguments,
                          int state) {
  const std::vector<std::string> texts(arguments.begin(), arguments.end());
  const auto* found = std::find_if(kTemplates.begin(), kTemplates.end(),
                                   [&](const Template& t) { return t.number == number; });
  if (found == kTemplates.end()) return milink::sim::MakeMessage(number, texts, state);
  return {.number = number,
          .severity = found->severity,
          .state = state,
          .text = Fill(found->text, texts)};
}

void Fail(int number, std::initializer_list<std::string_view> arguments, int state) {
  throw Failure(MakeMessage(number, arguments, state));
}

void FailNotModelled(std::string_view what) {
  throw Failure(ServerMessage{
      .number = 50000,
      .severity = 16,
      .state = 1,
      .text = "Simulator: " + std::string(what) + " is understood but has no model here."});
}

bool AbortsBatch(int number) {
  constexpr auto kAborting = std::to_array<int>(
      {102, 105, 113, 116, 137, 141, 147, 156,  174,  195,  207,  208,  209,  220,  241,
       242, 245, 248, 281, 402, 529, 911, 4104, 4121, 4145, 8114, 8117, 8120, 8133, 8169});
  return std::find(kAborting.begin(), kAborting.end(), number) != kAborting.end();
}

}  // namespace milink::sim::tsql
