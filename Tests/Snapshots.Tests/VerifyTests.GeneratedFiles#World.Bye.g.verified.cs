//HintName: World.Bye.g.cs
// Bye, World
