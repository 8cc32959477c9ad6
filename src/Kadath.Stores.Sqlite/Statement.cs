using SQLitePCL;

namespace Kadath.Stores.Sqlite;

/// <summary>A prepared statement that is used many times.</summary>
internal sealed class Statement(Database database, sqlite3_stmt statement) : IDisposable
{
    /// <summary>Binds the parameter with this number, counted from 1.</summary>
    public void Bind(int parameter, long value) => database.Check(raw.sqlite3_bind_int64(statement, parameter, value));

    /// <inheritdoc cref="Bind(int, long)"/>
    public void Bind(int parameter, ReadOnlySpan<byte> value) =>
        database.Check(value.IsEmpty ? raw.sqlite3_bind_zeroblob(statement, parameter, 0) : raw.sqlite3_bind_blob(statement, parameter, value));

    /// <inheritdoc cref="Bind(int, long)"/>
    public void Bind(int parameter, string value) => database.Check(raw.sqlite3_bind_text(statement, parameter, value));

    /// <summary>Moves to the next row; false at the end.</summary>
    public bool Step()
    {
        int code = raw.sqlite3_step(statement);
        database.Check(code);
        return code == raw.SQLITE_ROW;
    }

    /// <summary>Runs a statement without rows, and makes it ready for the next use whether it fails or not.</summary>
    public void Run()
    {
        try
        {
            Step();
        }
        finally
        {
            Reset();
        }
    }

    /// <summary>Makes the statement ready for the next use, and drops what was bound.</summary>
    public void Reset()
    {
        raw.sqlite3_reset(statement);
        raw.sqlite3_clear_bindings(statement);
    }

    /// <summary>A column of the current row, counted from 0.</summary>
    public long Integer(int column) => raw.sqlite3_column_int64(statement, column);

    /// <inheritdoc cref="Integer"/>
    public string Text(int column) => raw.sqlite3_column_text(statement, column).utf8_to_string();

    /// <summary>A column of the current row, counted from 0; the span is valid until the next step.</summary>
    public ReadOnlySpan<byte> Blob(int column) => raw.sqlite3_column_blob(statement, column);

    /// <inheritdoc/>
    public void Dispose() => statement.Dispose();
}
