namespace TorchSharp;

/// <summary>
/// Disposes, when it is disposed itself, every tensor that was created on its thread while it was the innermost
/// open scope and was not moved out. See <see cref="torch.NewDisposeScope"/>.
/// </summary>
public sealed class DisposeScope : IDisposable
{
    private DisposeScopeManager? manager; // null once disposed

    internal DisposeScope(DisposeScopeManager manager)
    {
        this.manager = manager;
        OuterScope = manager.CurrentDisposeScope;
    }

    internal DisposeScope? OuterScope { get; set; }

    internal HashSet<IDisposable> Disposables { get; private set; } = new(ReferenceEqualityComparer.Instance);

    /// <summary>What the scope holds at this moment.</summary>
    public IReadOnlyList<IDisposable> DisposablesView
    {
        get
        {
            ThrowIfDisposed();
            return [.. Disposables];
        }
    }

    /// <summary>How much the scope holds at this moment.</summary>
    public int DisposablesCount
    {
        get
        {
            ThrowIfDisposed();
            return Disposables.Count;
        }
    }

    /// <summary>Whether the scope holds <paramref name="disposable"/>.</summary>
    public bool Contains(IDisposable disposable) => Disposables.Contains(disposable);

    // ---- moving out -----------------------------------------------------------------------------------

    /// <summary>Moves it to the scope around this one; out of every scope where there is none.</summary>
    public T MoveToOuter<T>(T disposable) where T : IDisposable => MoveToOther(OuterScope, disposable);

    /// <summary>Moves them to the scope around this one; out of every scope where there is none.</summary>
    public (T1 first, T2 second) MoveToOuter<T1, T2>(T1 first, T2 second)
        where T1 : IDisposable where T2 : IDisposable =>
        MoveToOther(OuterScope, first, second);

    /// <summary>Moves them to the scope around this one; out of every scope where there is none.</summary>
    public (T1 first, T2 second, T3 third) MoveToOuter<T1, T2, T3>(T1 first, T2 second, T3 third)
        where T1 : IDisposable where T2 : IDisposable where T3 : IDisposable =>
        MoveToOther(OuterScope, first, second, third);

    /// <summary>Moves them to the scope around this one; out of every scope where there is none.</summary>
    public void MoveToOuter(params IDisposable[] disposables) => MoveToOther(OuterScope, (IEnumerable<IDisposable>)disposables);

    /// <summary>Moves them to the scope around this one; out of every scope where there is none.</summary>
    public void MoveToOuter(IEnumerable<IDisposable> disposables) => MoveToOther(OuterScope, disposables);

    /// <summary>Moves it to another scope; out of every scope for null.</summary>
    public T MoveToOther<T>(DisposeScope? scope, T disposable) where T : IDisposable
    {
        ThrowIfDisposed();
        MoveOne(scope, disposable);
        return disposable;
    }

    /// <summary>Moves them to another scope; out of every scope for null.</summary>
    public (T1 first, T2 second) MoveToOther<T1, T2>(DisposeScope? scope, T1 first, T2 second)
        where T1 : IDisposable where T2 : IDisposable =>
        (MoveToOther(scope, first), MoveToOther(scope, second));

    /// <summary>Moves them to another scope; out of every scope for null.</summary>
    public (T1 first, T2 second, T3 third) MoveToOther<T1, T2, T3>(DisposeScope? scope, T1 first, T2 second, T3 third)
        where T1 : IDisposable where T2 : IDisposable where T3 : IDisposable =>
        (MoveToOther(scope, first), MoveToOther(scope, second), MoveToOther(scope, third));

    /// <summary>Moves them to another scope; out of every scope for null.</summary>
    public void MoveToOther(DisposeScope? scope, params IDisposable[] disposables) =>
        MoveToOther(scope, (IEnumerable<IDisposable>)disposables);

    /// <summary>Moves them to another scope; out of every scope for null.</summary>
    public void MoveToOther(DisposeScope? scope, IEnumerable<IDisposable> disposables)
    {
        ThrowIfDisposed();
        foreach (var disposable in disposables)
            MoveOne(scope, disposable);
    }

    /// <summary>Takes it out of every scope.</summary>
    public T Detach<T>(T disposable) where T : IDisposable => MoveToOther(null, disposable);

    /// <summary>Takes them out of every scope.</summary>
    public (T1 first, T2 second) Detach<T1, T2>(T1 first, T2 second)
        where T1 : IDisposable where T2 : IDisposable =>
        MoveToOther(null, first, second);

    /// <summary>Takes them out of every scope.</summary>
    public (T1 first, T2 second, T3 third) Detach<T1, T2, T3>(T1 first, T2 second, T3 third)
        where T1 : IDisposable where T2 : IDisposable where T3 : IDisposable =>
        MoveToOther(null, first, second, third);

    /// <summary>Takes them out of every scope.</summary>
    public void Detach(params IDisposable[] disposables) => MoveToOther(null, (IEnumerable<IDisposable>)disposables);

    /// <summary>Takes them out of every scope.</summary>
    public void Detach(IEnumerable<IDisposable> disposables) => MoveToOther(null, disposables);

    // ---- taking in ------------------------------------------------------------------------------------

    /// <summary>Takes it into this scope, out of the one it is in.</summary>
    /// <exception cref="InvalidOperationException">A scope cannot manage what is given.</exception>
    public void Attach(IDisposable disposable)
    {
        ThrowIfDisposed();
        AttachOne(disposable);
    }

    /// <summary>Takes them into this scope, out of those they are in.</summary>
    /// <exception cref="InvalidOperationException">A scope cannot manage what is given.</exception>
    public void Attach(params IDisposable[] disposables) => Attach((IEnumerable<IDisposable>)disposables);

    /// <summary>Takes them into this scope, out of those they are in.</summary>
    /// <returns>What was given.</returns>
    /// <exception cref="InvalidOperationException">A scope cannot manage what is given.</exception>
    public IReadOnlyList<IDisposable> Attach(IEnumerable<IDisposable> disposables)
    {
        ThrowIfDisposed();
        var result = new List<IDisposable>();
        foreach (var disposable in disposables)
        {
            AttachOne(disposable);
            result.Add(disposable);
        }
        return result;
    }

    // ---- disposing ------------------------------------------------------------------------------------

    /// <summary>Disposes what the scope holds; the scope stays open.</summary>
    public void DisposeEverything() => DisposeEverythingBut(Enumerable.Empty<IDisposable>());

    /// <summary>Disposes what the scope holds but for <paramref name="inKeep"/>, which it goes on holding.</summary>
    public void DisposeEverythingBut(IEnumerable<IDisposable> inKeep)
    {
        ThrowIfDisposed();
        var all = Disposables;
        // Replaced before disposing: each of them asks to be removed from this set.
        Disposables = new(inKeep, ReferenceEqualityComparer.Instance);
        foreach (var disposable in all)
        {
            if (!Disposables.Contains(disposable))
                disposable.Dispose();
        }
    }

    /// <summary>Disposes what the scope holds but for <paramref name="keep"/>, which it goes on holding.</summary>
    public void DisposeEverythingBut(params IDisposable[] keep) => DisposeEverythingBut((IEnumerable<IDisposable>)keep);

    /// <summary>Disposes what the scope holds but for <paramref name="keep"/>, which it goes on holding.</summary>
    public T DisposeEverythingBut<T>(T keep) where T : IDisposable
    {
        DisposeEverythingBut((IEnumerable<IDisposable>)[keep]);
        return keep;
    }

    /// <summary>Disposes what the scope holds but for those given, which it goes on holding.</summary>
    public (T1 first, T2 second) DisposeEverythingBut<T1, T2>(T1 first, T2 second)
        where T1 : IDisposable where T2 : IDisposable
    {
        DisposeEverythingBut((IEnumerable<IDisposable>)[first, second]);
        return (first, second);
    }

    /// <summary>Disposes what the scope holds but for those given, which it goes on holding.</summary>
    public (T1 first, T2 second, T3 third) DisposeEverythingBut<T1, T2, T3>(T1 first, T2 second, T3 third)
        where T1 : IDisposable where T2 : IDisposable where T3 : IDisposable
    {
        DisposeEverythingBut((IEnumerable<IDisposable>)[first, second, third]);
        return (first, second, third);
    }

    /// <summary>Disposes what the scope holds and closes it.</summary>
    public void Dispose()
    {
        if (manager is null)
            return;
        DisposeEverything();
        manager.RemoveDisposeScope(this);
        manager = null;
    }

    /// <summary>Tells the scope that <paramref name="disposable"/> was disposed by itself.</summary>
    /// <exception cref="ObjectDisposedException">The scope is closed.</exception>
    public void MarkAsDisposed(IDisposable disposable)
    {
        ThrowIfDisposed();
        Disposables.Remove(disposable);
        if (disposable is IScoped scoped)
            scoped.OwningDisposeScope = null;
    }

    /// <summary>Closes the scope and leaves what it held to the caller.</summary>
    internal HashSet<IDisposable> DetachAllAndDispose()
    {
        var all = Disposables;
        Disposables = new(ReferenceEqualityComparer.Instance);
        foreach (var disposable in all)
            Release(disposable);
        Dispose();
        return all;
    }

    /// <summary>Puts <paramref name="replacement"/> where <paramref name="original"/> stands.</summary>
    internal static void ReplaceWith(torch.Tensor original, torch.Tensor replacement)
    {
        if (original.OwningDisposeScope is { } scope && scope.Disposables.Remove(original))
        {
            original.OwningDisposeScope = null;
            scope.Take(replacement);
        }
    }

    private void MoveOne(DisposeScope? scope, IDisposable disposable)
    {
        if (!Disposables.Remove(disposable))
            return;
        if (scope is null)
            Release(disposable);
        else
            scope.Take(disposable);
    }

    /// <summary>After removal from <see cref="Disposables"/>: it belongs to no scope any more.</summary>
    private void Release(IDisposable disposable)
    {
        if (disposable is IScoped scoped)
        {
            scoped.CountersIn(manager!.StatisticsInstance).DetachedFromScopeCount++;
            scoped.OwningDisposeScope = null;
        }
    }

    private void AttachOne(IDisposable disposable)
    {
        if (Take(disposable) is { } scoped)
            scoped.CountersIn(manager!.StatisticsInstance).AttachedToScopeCount++;
    }

    /// <returns>What was taken; null when it was here already.</returns>
    private IScoped? Take(IDisposable disposable)
    {
        if (disposable is not IScoped scoped)
            throw new InvalidOperationException("DisposeScope can only manage Tensor or PackedSequence");
        if (scoped.OwningDisposeScope == this)
            return null;
        scoped.OwningDisposeScope?.Disposables.Remove(disposable);
        Disposables.Add(disposable);
        scoped.OwningDisposeScope = this;
        return scoped;
    }

    private void ThrowIfDisposed() => ObjectDisposedException.ThrowIf(manager is null, this);
}
