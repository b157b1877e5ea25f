//HintName: Noted.Bye.g.cs
// Bye, Noted
