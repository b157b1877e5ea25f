//HintName: Noted.Hello.g.cs
// Hello, Noted
